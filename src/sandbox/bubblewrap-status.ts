/** What bubblewrap reports of a command: the first process of its namespace, and how the command itself ended. */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory where there is such a folder, so that commands still run when the disk is full: they may be what makes room. */
const FOLDERS = ['/dev/shm', tmpdir()];
/** Two lines, of some hundred bytes. */
const MOST_BYTES = 4096;

export interface BubblewrapStatus {
  /** Where bubblewrap writes it. */
  readonly descriptor: number;
  /** The namespace's first process as the host numbers it. */
  readonly namespacePid: number | null;
  /** Null until (or unless) the command itself has run. */
  readonly exitCode: number | null;
  /** Nothing more comes. */
  close(): void;
}

/**
 * A file without a name, and no pipe: bubblewrap writes before it lets its child go on, and ends when nobody can read that any more. The
 * child of one whose server was killed just then would wait for ever.
 */
export function openBubblewrapStatus(): BubblewrapStatus {
  const descriptor = openNameless(FOLDERS);
  let open = true;
  let text = '';
  const read = () => {
    if (open) text = readAll(descriptor);
    return text;
  };
  return {
    descriptor,
    get namespacePid() {
      return numberAfter('child-pid', read());
    },
    get exitCode() {
      return numberAfter('exit-code', read());
    },
    close() {
      read();
      if (open) closeSync(descriptor);
      open = false;
    },
  };
}

function openNameless([folder = '', ...others]: readonly string[]): number {
  const path = join(folder, `claude-kimi-status-${randomBytes(8).toString('hex')}`);
  try {
    const descriptor = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return descriptor;
  } catch (error) {
    if (others.length === 0) throw error;
    return openNameless(others);
  }
}

function readAll(descriptor: number): string {
  const bytes = Buffer.alloc(MOST_BYTES);
  return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, MOST_BYTES, 0));
}

function numberAfter(name: string, text: string): number | null {
  const found = new RegExp(`"${name}"\\s*:\\s*(\\d+)\\b`).exec(text);
  return found ? Number(found[1]) : null;
}
