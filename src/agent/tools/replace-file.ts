/** Writes a whole file in one step: either the old content is there or the new one, never a half. */
import { constants, type Stats } from 'node:fs';
import { chmod, lstat, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { holdFolder, type SafeTarget, writeProblem } from './open-safely.ts';
import type { PathRefusal } from './paths.ts';
import { errorCode, explainSystemError } from './system-errors.ts';

const PERMISSIONS = 0o777;
let staged = 0;

/**
 * Puts `content` at `target`, with the folders that are missing; an existing file keeps its mode.
 * The new content is first written in `staging` (a private folder, so that a crash leaves nothing in the repository)
 * and then renamed; when that is another file system, it is written beside the target.
 */
export async function replaceFile(target: SafeTarget, content: Buffer, staging: string): Promise<{ ok: true } | PathRefusal> {
  const folder = await holdFolder({ ...target, host: path.dirname(target.host) }, 'create');
  if (!folder.ok) return folder;
  try {
    const name = path.basename(target.host);
    const existing = await lstat(folder.at(name)).catch(absent);
    const problem = existing && writeProblem(existing);
    if (problem) return { ok: false, message: `${target.shown} ${problem}` };
    const mode = existing ? existing.mode & PERMISSIONS : null;
    try {
      await stageAndRename(content, mode, (temporary) => path.join(staging, temporary), folder.at(name));
    } catch (error) {
      if (errorCode(error) !== 'EXDEV') throw error;
      await stageAndRename(content, mode, folder.at, folder.at(name));
    }
    return { ok: true };
  } catch (error) {
    const meaning = explainSystemError(error);
    if (meaning === null) throw error;
    return { ok: false, message: `${target.shown} cannot be written: ${meaning}` };
  } finally {
    await folder.close();
  }
}

async function stageAndRename(content: Buffer, mode: number | null, at: (name: string) => string, final: string): Promise<void> {
  const temporary = await stage(content, at);
  try {
    if (mode !== null) await chmod(temporary, mode);
    await rename(temporary, final);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function stage(content: Buffer, at: (name: string) => string): Promise<string> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  for (;;) {
    staged += 1;
    const temporary = at(`.write-${process.pid}-${staged}.tmp`);
    const handle = await open(temporary, flags, 0o666).catch((error: unknown) => {
      if (errorCode(error) === 'EEXIST') return null;
      throw error;
    });
    if (handle === null) continue;
    try {
      await handle.writeFile(content);
      return temporary;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    } finally {
      await handle.close();
    }
  }
}

function absent(error: unknown): Stats | null {
  if (errorCode(error) === 'ENOENT') return null;
  throw error;
}
