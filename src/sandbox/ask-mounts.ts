/**
 * Asks the file systems of other machines and programs whether they answer. A program asks, and is given up where it waits: a call of the
 * system by ourselves would hold up everybody whom we serve.
 */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { contains } from '../common/path-contains.ts';
import { setSilentMounts } from '../common/silent-mounts.ts';
import { SYSTEM_PROGRAM_FOLDERS } from './host-folders.ts';
import { type HostMounts, readHostMounts } from './host-mounts.ts';

/** A drive that sleeps answers later; what lies on it is left out until then. */
const LIMIT_MS = 2000;
/** How long an answer counts: with all there nobody notices the next question, otherwise each one takes the limit. */
const GOOD_MS = 3000;
const SILENT_MS = 60_000;
/** Clusters mount hundreds; of more than these nothing is known, as before they were asked. */
const MOST = 64;
/** What these hold is no place of a user's. */
const OF_THE_SYSTEM = ['/dev', '/proc', '/sys'];
const ASK = 'exec stat -f -- "$1"';

/** Some that wait cannot be ended, and are not asked by one more program. */
const waiting = new Set<string>();
let last: { readonly places: string; until: number; readonly asked: Promise<void> } | undefined;

interface Options {
  readonly mounts?: Pick<HostMounts, 'remote' | 'onDemand'>;
  /** Of the shell, with a place as `$1`; whatever it says is an answer. */
  readonly ask?: string;
  readonly limitMs?: number;
}

/** To be called before the host is looked at. Takes no time where nothing of that kind is mounted, and milliseconds where all answer. */
export function askMounts({ mounts = readHostMounts(), ask = ASK, limitMs = LIMIT_MS }: Options = {}): Promise<void> {
  const places = mounts.remote.filter((at) => isAsked(at, mounts.onDemand)).slice(0, MOST);
  const key = places.join('\0');
  if (last?.places === key && performance.now() < last.until) return last.asked;
  const silent = Promise.all(places.map(async (at) => ((await answers(at, ask, limitMs)) ? [] : [at])));
  const asked = silent.then((found) => {
    setSilentMounts(found.flat());
    now.until = performance.now() + (found.flat().length > 0 ? SILENT_MS : GOOD_MS);
  });
  const now = { places: key, until: Number.POSITIVE_INFINITY, asked };
  last = now;
  return asked;
}

/** What a question would mount is not mounted for ours alone, but in the home, where we would look anyway. */
function isAsked(at: string, onDemand: readonly string[]): boolean {
  return at !== '/' && !OF_THE_SYSTEM.some((folder) => contains(folder, at)) && (!onDemand.includes(at) || contains(homedir(), at));
}

function answers(at: string, ask: string, limitMs: number): Promise<boolean> {
  if (waiting.has(at)) return Promise.resolve(false);
  waiting.add(at);
  return new Promise((resolve) => {
    const env = { PATH: SYSTEM_PROGRAM_FOLDERS.join(':'), LC_ALL: 'C' };
    const child = spawn('/bin/sh', ['-c', ask, 'sh', at], { cwd: '/', stdio: 'ignore', env });
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      child.unref();
      resolve(false);
    }, limitMs);
    const end = () => {
      clearTimeout(limit);
      waiting.delete(at);
      resolve(true);
    };
    child.once('error', end).once('close', end);
  });
}
