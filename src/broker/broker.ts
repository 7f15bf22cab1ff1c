import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { errorText } from '../common/caught-error.ts';
import { writeJson } from '../common/json-file.ts';
import { makePrivateFolder } from '../common/private-folder.ts';
import {
  answerParts,
  CONSENT_MS,
  type Consent,
  type Discovery,
  isProven,
  newNonce,
  PROTOCOL,
  parseLine,
  prove,
  type Question,
  questionParts,
  questionSchema,
  readLine,
  SOCKET_FOLDER,
  SOCKET_NAME,
  type WindowAnswer,
} from './protocol.ts';
import { coverageOf, repositoryPaths } from './repository-paths.ts';

/** A server that does not ask within this time is cut off, so that nobody holds connections for nothing. */
const QUESTION_MS = 2000;
const MAX_CONNECTIONS = 32;
/** Of those that proved to know the secret so many wait for the user at once; each of them may for two minutes. */
const MAX_WAITING = 1000;
/** How often it is looked whether servers still find the window: somebody may have removed the state directory, or what is in it. */
const LOOK_MS = 2000;

export interface BrokerOptions {
  readonly stateDir: string;
  /** Version of the extension. */
  readonly version: string;
  /** Real paths of the window's folders. */
  readonly folders: readonly string[];
  /** What this window says about a repository in one of its folders, or about a linked worktree of one. Asked anew for each question; the key stays nowhere. */
  answer(repository: string): Promise<WindowAnswer>;
  /**
   * Asks the user, who may take long; `signal` fires when the server gave up or the time is over.
   * @param client the program that wants to send code, as it calls itself
   */
  askConsent(repository: string, signal: AbortSignal, client: string): Promise<Consent>;
  /** Something went wrong that the user's log should hold; never carries a secret. */
  log?(line: string): void;
  readonly platform?: NodeJS.Platform;
  readonly now?: () => number;
  readonly lookMs?: number;
}

export interface Broker {
  readonly discoveryFile: string;
  /** The window's folders changed. */
  setFolders(folders: readonly string[]): void;
  /** Stops listening and removes the discovery file and the socket. Idempotent. */
  close(): Promise<void>;
}

/**
 * The window's side: listens on a socket that only this user can reach, and answers servers that prove to know the secret of the
 * discovery file (which only this user can read).
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('hex');
  const directory = path.join(options.stateDir, 'windows');
  let folders = publishable(options.folders);
  const open = new Set<Socket>();
  const unknown = new Set<Socket>();
  const platform = options.platform ?? process.platform;
  const openServer = async (): Promise<Listening> => {
    makePrivateFolder(directory);
    chmodSync(directory, 0o700);
    const server = createServer((socket) => {
      if (unknown.size >= MAX_CONNECTIONS) return void socket.destroy();
      open.add(socket);
      unknown.add(socket);
      const isKnown = () => unknown.delete(socket);
      socket.on('close', () => open.delete(socket) && isKnown()).on('error', () => {});
      serve(socket, { secret, folders: () => folders, isKnown, options }).catch(() => socket.destroy());
    });
    server.maxConnections = MAX_CONNECTIONS + MAX_WAITING;
    const address = await listen(server, addresses(id, directory, platform));
    server.on('error', (error) => options.log?.(`The local socket failed: ${error.message}`));
    return { server, address };
  };
  let listening = await openServer();

  const discoveryFile = path.join(directory, `${id}.json`);
  const constant = { v: PROTOCOL, id, secret, version: options.version, startedAt: (options.now ?? Date.now)(), host: hostname() } as const;
  const publish = () => {
    makePrivateFolder(directory);
    writeJson(discoveryFile, { ...constant, socket: listening.address.socket, folders: [...folders] } satisfies Discovery);
  };
  let closing: Promise<void> | null = null;
  const close = () => {
    stopLooking();
    closing ??= new Promise<void>((resolve) => {
      rmSync(discoveryFile, { force: true });
      listening.server.close(() => {
        listening.address.remove();
        resolve();
      });
      for (const socket of open) socket.destroy();
    });
    return closing;
  };
  const stopLooking = repeatedly(options.lookMs ?? LOOK_MS, async () => {
    const isThere = platform === 'win32' || existsSync(listening.address.socket);
    if (isThere && existsSync(discoveryFile)) return;
    try {
      const former = listening;
      if (!isThere) listening = await openServer();
      if (listening !== former) former.server.close(() => former.address.remove());
      if (closing) listening.server.close(() => listening.address.remove());
      else publish();
    } catch (error) {
      options.log?.(`Servers do not find this window: ${errorText(error)}`);
    }
  });
  try {
    publish();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    discoveryFile,
    setFolders(next) {
      folders = publishable(next);
      if (!closing) publish();
    },
    close,
  };
}

interface Listening {
  readonly server: Server;
  readonly address: Address;
}

/** Does something again and again, one after the other, and keeps no program running for it. @returns what ends that */
function repeatedly(everyMs: number, act: () => Promise<void>): () => void {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void act().finally(() => {
      busy = false;
    });
  }, everyMs).unref();
  return () => clearInterval(timer);
}

/** So much of folders is published: servers read all of it at each call, and no more than they know. */
const MOST_FOLDERS = 10_000;
const MOST_FOLDER_BYTES = 1024 * 1024;

/**
 * Of more than servers read, the folders around them: a window that nobody can read would be none, with what the user refuses there. What lies
 * there besides is answered for, too.
 */
function publishable(folders: readonly string[]): readonly string[] {
  if (folders.length <= MOST_FOLDERS && Buffer.byteLength(JSON.stringify(folders)) <= MOST_FOLDER_BYTES) return folders;
  const around = [...new Set(folders.map((folder) => path.dirname(folder)))];
  return around.every((folder) => folders.includes(folder)) ? around : publishable(around);
}

interface Address {
  readonly socket: string;
  remove(): void;
}

/** On Linux a socket's path has at most 107 bytes, on macOS 103. */
const MOST_PATH_BYTES = 100;

/**
 * Where a window can listen, best first: a socket in a folder of its own, which nobody else may enter. Beside the record that tells of it, a server
 * finds it wherever it runs. A folder of temporary files may be another one there (Flatpak, a service of systemd), and is cleaned up; without the
 * window nothing of what the user refuses in it would count.
 */
function addresses(id: string, directory: string, platform: NodeJS.Platform): (() => Address)[] {
  if (platform === 'win32') return [() => ({ socket: `\\\\.\\pipe\\kimi-delegate-${id}-${randomBytes(16).toString('hex')}`, remove() {} })];
  const short = [directory, tmpdir(), '/tmp'].filter((folder) => Buffer.byteLength(folder) + SOCKET_FOLDER.length + 8 <= MOST_PATH_BYTES);
  return short.map((parent) => () => {
    const folder = mkdtempSync(path.join(parent, SOCKET_FOLDER));
    return { socket: path.join(folder, SOCKET_NAME), remove: () => rmSync(folder, { recursive: true, force: true }) };
  });
}

/** On some file systems there are no sockets. */
async function listen(server: Server, [first, ...others]: (() => Address)[]): Promise<Address> {
  if (!first) throw new Error('there is no folder for a local socket');
  let address: Address | null = null;
  try {
    address = first();
    const { socket } = address;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, () => resolve(void server.off('error', reject)));
    });
    return address;
  } catch (error) {
    address?.remove();
    if (others.length === 0) throw error;
    return listen(server, others);
  }
}

async function serve(
  socket: Socket,
  { secret, folders, isKnown, options }: { secret: string; folders: () => readonly string[]; isKnown(): void; options: BrokerOptions },
): Promise<void> {
  const patience = setTimeout(() => socket.destroy(), QUESTION_MS);
  const nonce = newNonce();
  socket.write(`${JSON.stringify({ v: PROTOCOL, nonce })}\n`);
  let question: Question;
  try {
    question = parseLine(questionSchema, await readLine(socket));
  } finally {
    clearTimeout(patience);
  }
  // Who cannot prove it is told nothing, not even that it failed.
  if (!isProven(question.proof, secret, questionParts(nonce, question))) return void socket.destroy();
  isKnown();
  if (!coverageOf(folders(), repositoryPaths(question.repository))) return void socket.destroy();
  const answer = JSON.stringify(question.ask === 'consent' ? await consent(socket, question, options) : await answered(question, options));
  const proof = prove(secret, answerParts(nonce, question, answer));
  socket.end(`${JSON.stringify({ answer, proof })}\n`);
}

async function answered({ repository }: Question, options: BrokerOptions): Promise<WindowAnswer> {
  try {
    const answer = await options.answer(repository);
    return answer.trusted ? answer : { ...answer, key: null };
  } catch (error) {
    options.log?.(`A server's question could not be answered: ${errorText(error)}`);
    throw error;
  }
}

/** The window's answer once more, with what the user decided. */
async function consent(socket: Socket, question: Question, options: BrokerOptions): Promise<WindowAnswer> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), CONSENT_MS);
  socket.resume().once('close', () => over.abort());
  try {
    const decided = await options.askConsent(question.repository, over.signal, question.client ?? '');
    return { ...(await answered(question, options)), consent: decided };
  } finally {
    clearTimeout(timer);
  }
}
