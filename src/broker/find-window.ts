import { readFileSync, rmdirSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { hostname } from 'node:os';
import path from 'node:path';
import { namesIn } from '../common/list-names.ts';
import { SETTING_NAMES, type SettingLayer } from '../config.ts';
import { type Message, message } from '../messages/message.ts';
import { withRefusalsOf } from './join-refusals.ts';
import {
  answerParts,
  answerSchema,
  CONSENT_MS,
  type Consent,
  challengeSchema,
  type Discovery,
  discoverySchema,
  isProven,
  MAX_ANSWER_BYTES,
  newNonce,
  PROTOCOL,
  parseLine,
  prove,
  type Question,
  questionParts,
  readLine,
  replySchema,
  SOCKET_FOLDER,
  SOCKET_NAME,
  type WindowAnswer,
} from './protocol.ts';
import { coverageOf, repositoryPaths } from './repository-paths.ts';

/** Largest discovery file that is read: with a thousand long folder names it stays far below. */
const MAX_DISCOVERY_BYTES = 4 * 1024 * 1024;

/** Settings (the key as `apiKey`) of the window that owns a repository, and what it says besides. */
export interface WindowLayer extends SettingLayer {
  readonly source: 'window';
  readonly trusted: boolean;
  readonly consent: Consent;
  /**
   * Lets the window ask the user; resolves with the decision, or `ask` when none came in two minutes or the window closed.
   * @param client the program that wants to send code, as it calls itself
   */
  askConsent(client: string, signal: AbortSignal): Promise<Consent>;
}

/** A window that owns the repository, and listens, but gave no answer in time: what the user refuses or withholds there is not known. */
export interface SilentWindow {
  readonly label: Message;
  readonly consent: 'silent';
}

export interface FindOptions {
  /** For everything: a window whose extension host hangs must not hold up a call. */
  readonly timeoutMs: number;
}

/**
 * Asks the VS Code window that has the repository open: the one with the longest folder around it, the newest of several such. What
 * any other one that has it open refuses or keeps back counts, too (see `withRefusalsOf`), so one of them that does not answer is told.
 * Nothing is kept: each call asks again, so that a change of a setting or of the key counts at once.
 * @param repoPath absolute path in a repository; a linked worktree belongs to the window of its repository too
 * @returns null when there is no such window, or it does not answer in time. Without any window it costs one directory listing.
 */
export async function findWindow(stateDir: string, repoPath: string, options: FindOptions): Promise<WindowLayer | null> {
  const found = await lookForWindow(stateDir, repoPath, options);
  return found?.consent === 'silent' ? null : found;
}

/** The same; tells a window that does not answer from none. */
export async function lookForWindow(
  stateDir: string,
  repoPath: string,
  { timeoutMs }: FindOptions,
): Promise<WindowLayer | SilentWindow | null> {
  const windows = readWindows(stateDir);
  if (windows.length === 0) return null;
  const paths = repositoryPaths(repoPath);
  const owners = windows
    .flatMap((window): Owner[] => {
      const found = coverageOf(window.folders, paths);
      return found ? [{ window, repository: paths[0], ...found }] : [];
    })
    .sort((a, b) => b.rank - a.rank || b.window.startedAt - a.window.startedAt);
  const answers = await Promise.all(owners.map((owner) => ask(owner, { ask: 'settings' }, AbortSignal.timeout(timeoutMs))));
  for (const [at, answer] of answers.entries()) if (answer === null) removeDead(stateDir, owners[at]!.window);
  const silent = answers.indexOf(undefined);
  if (silent >= 0) return silentAt(owners[silent]!);
  const best = answers.findIndex((answer) => answer !== null);
  if (best < 0) return null;
  const others = answers.slice(best + 1).flatMap((answer) => answer ?? []);
  return layerOf(owners[best]!, withRefusalsOf(others, answers[best]!));
}

const silentAt = ({ folder }: Owner): SilentWindow => ({ label: message('origin.window', { folder }), consent: 'silent' });

interface Owner {
  window: Discovery;
  /** What is asked about: the place of the call, so that the window can tell a linked worktree from its repository. */
  repository: string;
  /** The folder of the window through which it owns the repository. */
  folder: string;
  rank: number;
}

function layerOf(owner: Owner, answer: WindowAnswer): WindowLayer {
  const values = Object.fromEntries(SETTING_NAMES.filter((name) => name in answer.settings).map((name) => [name, answer.settings[name]]));
  return {
    source: 'window',
    label: message('origin.window', { folder: owner.folder }),
    values: { ...values, ...(answer.key && answer.trusted ? { apiKey: answer.key } : { apiKey: undefined }) },
    trusted: answer.trusted,
    consent: answer.consent,
    askConsent: async (client, signal) => {
      const question = { ask: 'consent', client: client.slice(0, 100) } as const;
      return (await ask(owner, question, AbortSignal.any([signal, AbortSignal.timeout(CONSENT_MS + 5000)])))?.consent ?? 'ask';
    },
  };
}

/** The windows that published themselves. Files that cannot be read or are no discovery files are left alone. */
export function readWindows(stateDir: string): Discovery[] {
  const directory = path.join(stateDir, 'windows');
  const names = namesIn(directory).filter((name) => name.endsWith('.json'));
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

/** So long a window on another machine stays open at most. */
const LONGEST_MS = 60 * 24 * 3600 * 1000;

/**
 * The folder of its socket goes too, as nobody else would remove it; nothing that a window does not make itself. Where machines share the home,
 * a socket of another one looks like that of a window that is gone.
 */
function removeDead(stateDir: string, window: Discovery): void {
  if (window.host !== undefined && window.host !== hostname() && Date.now() - window.startedAt < LONGEST_MS) return;
  rmSync(path.join(stateDir, 'windows', `${window.id}.json`), { force: true });
  const folder = path.dirname(window.socket);
  if (!path.basename(folder).startsWith(SOCKET_FOLDER) || path.basename(window.socket) !== SOCKET_NAME) return;
  tryTo(() => rmSync(window.socket, { force: true }));
  tryTo(() => rmdirSync(folder));
}

/**
 * @returns the answer; null when nobody listens there any more (the window is gone); undefined when it listens but does not give
 *   a proven answer in time (it hangs, or is something else)
 */
async function ask(
  { window, repository }: Owner,
  what: Pick<Question, 'ask' | 'client'>,
  signal: AbortSignal,
): Promise<WindowAnswer | null | undefined> {
  const socket = await open(window.socket, signal);
  if (!socket) return socket;
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { nonce } = parseLine(challengeSchema, await readLine(socket));
    const question = { v: PROTOCOL as typeof PROTOCOL, nonce: newNonce(), repository, ...what };
    socket.write(`${JSON.stringify({ ...question, proof: prove(window.secret, questionParts(nonce, question)) })}\n`);
    const { answer, proof } = parseLine(replySchema, await readLine(socket, MAX_ANSWER_BYTES));
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

function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    // Gone already, or another's: it stays.
  }
}
