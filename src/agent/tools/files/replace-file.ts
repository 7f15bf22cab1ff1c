/** Writes a whole file in one step: either the old content is there or the new one, never a half. */
import { chmodSync, closeSync, constants, lstatSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { errorCode } from '../../../common/caught-error.ts';
import { type FileTarget, holdFolder, writeProblem } from './open-safely.ts';
import type { PathRefusal } from './resolve-path.ts';
import { explainSystemError } from './system-errors.ts';

const PERMISSIONS = 0o777;
let staged = 0;

/**
 * Puts `content` at `target`, with the folders that are missing; an existing file keeps its mode.
 * The new content is first written in `staging` (a private folder, so that a crash leaves nothing in the repository)
 * and then renamed; when that is another file system, it is written beside the target.
 */
export function replaceFile(target: FileTarget, content: Buffer, staging: string): { ok: true } | PathRefusal {
  const folder = holdFolder({ ...target, host: path.dirname(target.host) }, 'create');
  if (!folder.ok) return folder;
  try {
    const name = path.basename(target.host);
    const existing = lstatSync(folder.at(name), { throwIfNoEntry: false });
    const problem = existing && writeProblem(existing);
    if (problem) return { ok: false, message: `${target.shown} ${problem}` };
    const mode = existing ? existing.mode & PERMISSIONS : null;
    try {
      stageAndRename(content, mode, (temporary) => path.join(staging, temporary), folder.at(name));
    } catch (error) {
      if (errorCode(error) !== 'EXDEV') throw error;
      stageAndRename(content, mode, folder.at, folder.at(name));
    }
    target.neverSend.wrote(target.relative, content);
    return { ok: true };
  } catch (error) {
    const meaning = explainSystemError(error);
    if (meaning === null) throw error;
    return { ok: false, message: `${target.shown} cannot be written: ${meaning}` };
  } finally {
    folder.close();
  }
}

function stageAndRename(content: Buffer, mode: number | null, at: (name: string) => string, final: string): void {
  const temporary = stage(content, at);
  try {
    if (mode !== null) chmodSync(temporary, mode);
    renameSync(temporary, final);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function stage(content: Buffer, at: (name: string) => string): string {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  for (;;) {
    staged += 1;
    const temporary = at(`.write-${process.pid}-${staged}.tmp`);
    const file = create(temporary, flags);
    if (file === null) continue;
    try {
      writeFileSync(file, content);
      return temporary;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }
}

/** @returns null when the name is taken */
function create(temporary: string, flags: number): number | null {
  try {
    return openSync(temporary, flags, 0o666);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return null;
    throw error;
  }
}
