import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type JournalLine, readJournal } from '../../src/delegation/journal/journal.ts';
import type { ServerHandle } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';

/** SIGKILL for the server, as a client that has no time does it; resolves when the process is gone. */
export async function killServer(server: ServerHandle): Promise<void> {
  process.kill(server.pid, 'SIGKILL');
  await until('the end of the server', () => !isAlive(server.pid));
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Command lines of all processes that live (zombies have none). */
export function commandLines(): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')].filter(Boolean) : [];
    } catch {
      return [];
    }
  });
}

/** The journals of all attempts of all delegations in a state directory, oldest attempt first; normally there is one delegation. */
export function journals(state: string): JournalLine[][] {
  const root = path.join(state, 'delegations');
  const folders = (folder: string) => readdirSync(folder).sort();
  try {
    return folders(root).flatMap((id) =>
      folders(path.join(root, id, 'attempts')).map((number) => readJournal(path.join(root, id, 'attempts', number, 'journal.jsonl'))),
    );
  } catch {
    return [];
  }
}

/** Whether a file lies in the workspace of some delegation. */
export function isInWorkspace(state: string, file: string): boolean {
  const root = path.join(state, 'delegations');
  return existsSync(root) && readdirSync(root).some((id) => existsSync(path.join(root, id, 'ws', file)));
}
