import { createHash } from 'node:crypto';
import {
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { errorCode } from '../common/caught-error.ts';
import { makePrivateFolder } from '../common/private-folder.ts';
import { writeWhole } from '../common/write-atomic.ts';
import { ErrorWithReason } from '../messages/error-with-reason.ts';
import { message } from '../messages/message.ts';

/** The files of Claude Code that concern us. CLAUDE_CONFIG_DIR moves all of them. */
export interface ClaudeFiles {
  /** Claude Code's own state, with registered servers: read here, written only by `claude` itself. */
  readonly state: string;
  /** The user's settings, with permission rules. */
  readonly settings: string;
  /** What the user tells Claude in every project. */
  readonly memory: string;
  /** A file for each session, in folders by where they began. */
  readonly projects: string;
}

export function claudeFiles(env: Readonly<Record<string, string | undefined>>, home: string): ClaudeFiles {
  const moved = env.CLAUDE_CONFIG_DIR?.trim();
  const folder = moved ? path.resolve(home, moved) : path.join(home, '.claude');
  // Where an older one has left its own, Claude Code goes on with that.
  const older = path.join(folder, '.config.json');
  return {
    state: existsSync(older) ? older : path.join(moved ? folder : home, '.claude.json'),
    settings: path.join(folder, 'settings.json'),
    memory: path.join(folder, 'CLAUDE.md'),
    projects: path.join(folder, 'projects'),
  };
}

/** Claude Code keeps the history of every project in its own. */
const MOST_BYTES = 64 * 2 ** 20;

/**
 * A file's text, or null when there is no such file. Some lie in a repository, which may have laid a link there to what never ends or answers.
 * @param most so many bytes; what a repository may have brought has `MOST_RULE_BYTES` at most, as to read JSON takes its time
 * @throws Error when it exists and cannot be read
 */
export function readText(file: string, most = MOST_BYTES): string | null {
  let opened: number;
  try {
    opened = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  try {
    const stats = fstatSync(opened);
    // Of a folder, reading says best why.
    if (stats.isDirectory() || (stats.isFile() && stats.size <= most)) return readFileSync(opened, 'utf8');
  } finally {
    closeSync(opened);
  }
  throw new Error(`${file} is no ordinary file, or a huge one`);
}

/**
 * The text of a file that is to be changed.
 * @throws ErrorWithReason where it is in another encoding: what was written back would be another file, and so would its backup be. And where it is
 * a link to what is away: a file in its place would hide that for good
 */
export function readToChange(file: string): string | null {
  const text = readText(file);
  if (text === null && lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new ErrorWithReason(message('claude.linkToNothing', { file, target: readlinkSync(file) }));
  if (text !== null && !readFileSync(file).equals(Buffer.from(text))) throw new ErrorWithReason(message('claude.notUtf8', { file }));
  return text;
}

/** The file's new text; null = no file. */
export interface Change {
  readonly file: string;
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * Writes a change that was planned from `before`, whole or not at all. What stood there is kept in `backups` first. A file that is a
 * symbolic link (dotfiles often are) stays one: the file that it names is replaced.
 * @returns the backup's path, or null when there was nothing to keep
 * @throws Error when the file has changed since it was read, or cannot be written
 */
export function writeChange({ file, before, after }: Change, backups: string, now: number): string | null {
  const check = () => {
    if (readToChange(file) !== before) throw new Error(`${file} was changed meanwhile. Nothing was written; try again.`);
  };
  check();
  const backup = before === null ? null : keep(file, before, backups, now);
  if (after === null) {
    check();
    rmSync(file, { force: true });
    return backup;
  }
  const target = before === null ? file : realpathSync.native(file);
  mkdirSync(path.dirname(target), { recursive: true });
  const was = before === null ? null : statSync(target);
  // Claude Code writes its settings, too: the backup has taken its time.
  writeWhole(target, after, was ? was.mode & 0o777 : 0o600, check);
  // By sudo in another home: whose file it was could not read it any more.
  if (was && process.getuid?.() === 0 && was.uid !== 0) chownSync(target, was.uid, was.gid);
  return backup;
}

/** Named by content too, so that two files of one name, or two writes in one moment, do not overwrite each other's backup. */
function keep(file: string, text: string, backups: string, now: number): string {
  makePrivateFolder(backups);
  const stamp = new Date(now).toISOString().replaceAll(/[:.]/g, '-');
  const hash = createHash('sha256').update(`${file}\0${text}`).digest('hex').slice(0, 8);
  const backup = path.join(backups, `${path.basename(file)}.${stamp}.${hash}`);
  writeFileSync(backup, text, { mode: 0o600 });
  return backup;
}

/** Whether a file is called like a backup. */
export const isBackup = (name: string): boolean => /\.\d{4}-\d\d-\d\dT[\d-]+Z\.[0-9a-f]{8}$/.test(name);
