import { lstatSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { SETTING_NAMES, type SettingLayer } from '../config.ts';
import {
  answerParts,
  answerSchema,
  CONSENT_MS,
  type Consent,
  challengeSchema,
  coverage,
  type Discovery,
  discoverySchema,
  isProven,
  newNonce,
  PROTOCOL,
  parseLine,
  prove,
  type Question,
  questionParts,
  readLine,
  replySchema,
  type WindowAnswer,
} from './protocol.ts';

/** Largest discovery file that is read: with 200 long folder names it stays far below. */
const MAX_DISCOVERY_BYTES = 256 * 1024;

/** Settings (the key as `apiKey`) of the window that owns a repository, and what it says besides. */
export interface WindowLayer extends SettingLayer {
  readonly source: 'window';
  readonly trusted: boolean;
  readonly consent: Consent;
  /** Lets the window ask the user; resolves with the decision, or `ask` when none came in two minutes or the window closed. */
  askConsent(signal: AbortSignal): Promise<Consent>;
}

export interface FindOptions {
  /** For everything: a window whose extension host hangs must not hold up a call. */
  readonly timeoutMs: number;
}

/**
 * Asks the VS Code window that has the repository open: the one with the longest folder around it, the newest of several such.
 * Nothing is kept: each call asks again, so that a change of a setting or of the key counts at once.
 * @param repoPath absolute path in a repository; a linked worktree belongs to the window of its repository too
 * @returns null when there is no such window, or it does not answer in time. Without any window it costs one directory listing.
 */
export async function findWindow(stateDir: string, repoPath: string, { timeoutMs }: FindOptions): Promise<WindowLayer | null> {
  const windows = readWindows(stateDir);
  if (windows.length === 0) return null;
  const places = placesOf(repoPath);
  const owners = windows
    .flatMap((window) => {
      const found = places.map((repository) => ({ window, repository, rank: coverage(window.folders, repository) }));
      return found.filter((candidate): candidate is Owner => candidate.rank !== null).slice(0, 1);
    })
    .sort((a, b) => b.rank - a.rank || b.window.startedAt - a.window.startedAt);
  const deadline = Date.now() + timeoutMs;
  for (const owner of owners) {
    const left = deadline - Date.now();
    if (left <= 0) return null;
    const answer = await ask(owner, 'settings', AbortSignal.timeout(left));
    if (answer) return layerOf(owner, answer);
    if (answer === null) removeDead(stateDir, owner.window);
  }
  return null;
}

interface Owner {
  window: Discovery;
  repository: string;
  rank: number;
}

function layerOf(owner: Owner, answer: WindowAnswer): WindowLayer {
  const values = Object.fromEntries(SETTING_NAMES.filter((name) => name in answer.settings).map((name) => [name, answer.settings[name]]));
  const folder = owner.window.folders.find((f) => coverage([f], owner.repository) === owner.rank) ?? owner.repository;
  return {
    source: 'window',
    label: `the VS Code window on ${folder}`,
    values: { ...values, ...(answer.key && answer.trusted ? { apiKey: answer.key } : { apiKey: undefined }) },
    trusted: answer.trusted,
    consent: answer.consent,
    askConsent: async (signal) =>
      (await ask(owner, 'consent', AbortSignal.any([signal, AbortSignal.timeout(CONSENT_MS + 5000)])))?.consent ?? 'ask',
  };
}

/** The windows that published themselves. Files that cannot be read or are no discovery files are left alone. */
export function readWindows(stateDir: string): Discovery[] {
  const directory = path.join(stateDir, 'windows');
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    try {
      const text = readFileSync(path.join(directory, name), 'utf8');
      if (text.length > MAX_DISCOVERY_BYTES) return [];
      const discovery = discoverySchema.parse(JSON.parse(text));
      return `${discovery.id}.json` === name ? [discovery] : [];
    } catch {
      return [];
    }
  });
}

/** Removes the discovery files of windows that are gone; whether they are is seen by connecting. */
export async function removeDeadWindows(stateDir: string): Promise<void> {
  await Promise.all(
    readWindows(stateDir).map(async (window) => {
      const socket = await open(window.socket, AbortSignal.timeout(2000));
      if (socket === null) removeDead(stateDir, window);
      socket?.destroy();
    }),
  );
}

function removeDead(stateDir: string, window: Discovery): void {
  rmSync(path.join(stateDir, 'windows', `${window.id}.json`), { force: true });
}

/**
 * @returns the answer; null when nobody listens there any more (the window is gone); undefined when it listens but does not give
 *   a proven answer in time (it hangs, or is something else)
 */
async function ask({ window, repository }: Owner, what: Question['ask'], signal: AbortSignal): Promise<WindowAnswer | null | undefined> {
  const socket = await open(window.socket, signal);
  if (!socket) return socket;
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { nonce } = parseLine(challengeSchema, await readLine(socket));
    const question = { v: PROTOCOL as typeof PROTOCOL, nonce: newNonce(), ask: what, repository };
    socket.write(`${JSON.stringify({ ...question, proof: prove(window.secret, questionParts(nonce, question)) })}\n`);
    const { answer, proof } = parseLine(replySchema, await readLine(socket));
    if (!isProven(proof, window.secret, answerParts(nonce, question, answer))) return undefined;
    return parseLine(answerSchema, answer);
  } catch {
    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

function open(address: string, signal: AbortSignal): Promise<Socket | null | undefined> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const stop = () => {
      socket.destroy();
      resolve(undefined);
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    socket.once('connect', () => {
      signal.removeEventListener('abort', stop);
      socket.pause();
      resolve(socket);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      signal.removeEventListener('abort', stop);
      resolve(error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? null : undefined);
    });
  });
}

/** The path as it really is and, for a linked worktree, the working tree that its repository lives in. */
function placesOf(repoPath: string): string[] {
  const real = tryTo(() => realpathSync(repoPath)) ?? repoPath;
  const main = mainWorktree(real);
  return main && main !== real ? [real, main] : [real];
}

/**
 * A linked worktree has a file `.git` that names `<main>/.git/worktrees/<name>`. The way back is checked too, so that a folder
 * cannot claim to belong to a repository that knows nothing of it.
 */
function mainWorktree(folder: string): string | null {
  for (let at = folder; ; at = path.dirname(at)) {
    const kind = tryTo(() => lstatSync(path.join(at, '.git')));
    if (kind?.isDirectory()) return null;
    const pointer = kind?.isFile() ? tryTo(() => readFileSync(path.join(at, '.git'), 'utf8')) : undefined;
    const gitDir = pointer ? /^gitdir: (.+?)\s*$/.exec(pointer)?.[1] : undefined;
    if (gitDir) {
      const absolute = path.resolve(at, gitDir);
      const back = tryTo(() => realpathSync(path.resolve(absolute, readFileSync(path.join(absolute, 'gitdir'), 'utf8').trim())));
      const common = path.dirname(path.dirname(absolute));
      return back === path.join(at, '.git') && path.basename(common) === '.git'
        ? (tryTo(() => realpathSync(path.dirname(common))) ?? null)
        : null;
    }
    if (path.dirname(at) === at) return null;
  }
}

function tryTo<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
