import { randomBytes } from 'node:crypto';
import { closeSync, constants, copyFileSync, existsSync, linkSync, lstatSync, openSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { errorCode } from '../../common/caught-error.ts';
import { readJson } from '../../common/json-file.ts';
import { namesIn } from '../../common/list-names.ts';
import { makePrivateFolder } from '../../common/private-folder.ts';
import { isElsewhere, type Machine, machineAt } from './shared-disk.ts';

/**
 * One attempt at a time for a delegation, across processes. The holder listens on a socket: the kernel closes it when the
 * holder dies, however it dies, so nobody has to guess from process ids or ages. The same socket takes the request to cancel.
 *
 * Files `leases/<n>` are only ever created (exclusively), never renamed: whoever creates n+1 after finding n dead is the
 * holder, so two processes that find the same dead lease cannot both win.
 *
 * On a disk that several machines share nobody reaches a socket of another one: its file, which goes with a release, says that it is held.
 */
export interface Lease {
  /** Fires when another process asked to cancel. */
  readonly cancelled: AbortSignal;
  release(): void;
}

export interface LeaseHolder {
  readonly pid: number;
  readonly since: string;
  readonly attempt: number;
}

const leaseSchema = z.object({
  socket: z.string().min(1),
  pid: z.number(),
  since: z.string(),
  attempt: z.number(),
  machine: z.object({ host: z.string(), boot: z.string() }).nullable().default(null),
});
type LeaseFile = z.infer<typeof leaseSchema>;

export type Acquisition = { ok: true; lease: Lease } | { ok: false; holder: LeaseHolder };

/** @param folder the delegation's own `leases` folder */
export async function acquireLease(folder: string, attempt: number, now: () => number, here?: Machine | null): Promise<Acquisition> {
  makePrivateFolder(folder);
  const machine = here === undefined ? machineAt(folder) : here;
  const cancelled = new AbortController();
  const { server, address } = await listen(folder, () => cancelled.abort());
  const since = new Date(now()).toISOString();
  const content = JSON.stringify({ socket: address, pid: process.pid, since, attempt, machine } satisfies LeaseFile);
  const draft = path.join(folder, `.draft-${randomBytes(6).toString('hex')}`);
  writeFileSync(draft, content, { mode: 0o600 });
  try {
    for (;;) {
      const last = newest(folder);
      const holder = last > 0 ? await liveHolder(path.join(folder, String(last)), machine) : null;
      if (holder) {
        server.close();
        return { ok: false, holder };
      }
      const mine = path.join(folder, String(last + 1));
      if (create(draft, mine)) {
        // Whoever slept since it looked may find that others came and went, and that the number it saw free was cleared away.
        if (newest(folder) !== last + 1) {
          rmSync(mine, { force: true });
          continue;
        }
        // The predecessor stays: a reader between two directory reads must always see at least one of us.
        for (const old of numbers(folder)) if (old < last) rmSync(path.join(folder, String(old)), { force: true });
        return { ok: true, lease: { cancelled: cancelled.signal, release: () => server.close() } };
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Who works on the delegation now, or null. */
export async function leaseHolder(folder: string, here?: Machine | null): Promise<LeaseHolder | null> {
  const last = newest(folder);
  return last > 0 ? liveHolder(path.join(folder, String(last)), here === undefined ? machineAt(folder) : here) : null;
}

/** Asks the holder, whichever process it is, to cancel. @returns false when nobody holds the lease */
export async function requestCancel(folder: string): Promise<boolean> {
  const last = newest(folder);
  const lease = last > 0 ? readJson(leaseSchema, path.join(folder, String(last))) : null;
  return lease ? talk(socketOf(lease, folder), 'cancel\n') : false;
}

/** A socket path holds about 100 bytes. */
const MOST_PATH_BYTES = 100;

function listen(folder: string, onCancel: () => void): Promise<{ server: net.Server; address: string }> {
  const name = `ckm-${randomBytes(8).toString('hex')}`;
  const inside = path.join(folder, `${name}.sock`);
  const way = wayTo(inside);
  // Where nothing shortens it, a state directory that lies deep borrows the temp folder.
  const address = process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : way ? inside : path.join(tmpdir(), `${name}.sock`);
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.setEncoding('utf8').once('data', (text) => {
      if (String(text).startsWith('cancel')) onCancel();
      socket.end('alive\n');
    });
  });
  server.unref();
  server.once('close', () => way?.close());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(way?.short ?? address, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve({ server, address });
    });
  });
}

/**
 * A way to a socket by which it can be bound and reached however deep it lies: on Linux by the folder, held open. The temp folder is another
 * one for a server in a container or a service of systemd's, which would take the attempt for gone.
 */
function wayTo(socket: string): { readonly short: string; close(): void } | null {
  if (process.platform === 'win32') return null;
  if (Buffer.byteLength(socket) < MOST_PATH_BYTES) return { short: socket, close: () => {} };
  if (process.platform !== 'linux' || !existsSync('/proc/self/fd')) return null;
  try {
    const folder = openSync(path.dirname(socket), constants.O_RDONLY | constants.O_DIRECTORY);
    return { short: `/proc/self/fd/${folder}/${path.basename(socket)}`, close: () => closeSync(folder) };
  } catch {
    return null;
  }
}

/** Beside its file, where the state directory has another name than for the holder. */
function socketOf({ socket }: LeaseFile, folder: string): string {
  const beside = path.join(folder, path.basename(socket));
  return !existsSync(socket) && isOwnSocket(beside) ? beside : socket;
}

function create(draft: string, target: string): boolean {
  try {
    linkSync(draft, target);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
  }
  try {
    copyFileSync(draft, target, constants.COPYFILE_EXCL); // a file system without hard links
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

function numbers(folder: string): number[] {
  return namesIn(folder).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

const newest = (folder: string) => Math.max(0, ...numbers(folder));

/** No attempt takes longer; a machine that went down leaves its socket's file until somebody looks there. */
const LONGEST_MS = 24 * 3600 * 1000;

async function liveHolder(file: string, here: Machine | null): Promise<LeaseHolder | null> {
  const lease = readJson(leaseSchema, file);
  if (!lease) return null;
  const { pid, since, attempt, machine } = lease;
  const socket = socketOf(lease, path.dirname(file));
  const holder = { pid, since, attempt };
  if (here && machine && isElsewhere(here, machine))
    return existsSync(socket) && Date.now() - Date.parse(since) < LONGEST_MS ? holder : null;
  if (await talk(socket, 'ping\n')) return holder;
  if (isOwnSocket(socket)) {
    try {
      unlinkSync(socket);
    } catch {}
  }
  return null;
}

/** Whatever a file says, only what is called and made as one of ours is removed: another program's file may be named in what is damaged or restored. */
function isOwnSocket(file: string): boolean {
  if (process.platform === 'win32' || !/^ckm-[\da-f]{16}\.sock$/.test(path.basename(file))) return false;
  try {
    return lstatSync(file).isSocket();
  } catch {
    return false;
  }
}

/** Behind the address is no socket, none that anybody listens on, or (in a restored backup) another file. */
const NOBODY = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTSOCK', 'ENOTDIR']);

/** @returns whether somebody answered at the address */
function talk(address: string, message: string): Promise<boolean> {
  return new Promise((resolve) => {
    const way = wayTo(address);
    if (!way && process.platform !== 'win32' && !existsSync(address)) return resolve(false);
    const socket = net.connect(way?.short ?? address);
    socket.once('close', () => way?.close());
    const done = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(2000, () => done(true)); // it listens but is busy: alive
    socket.once('error', (error) => done(!NOBODY.has(errorCode(error) ?? '')));
    socket.once('connect', () => socket.write(message));
    socket.once('data', () => done(true));
    socket.once('end', () => done(true));
  });
}
