/**
 * Bounds what the commands of a sandbox write. Looking through all their files takes seconds, so that is done only when the device has
 * lost as much as they may write; a command counts for what the device lost and the files show, whichever is less. What cannot be looked
 * through (folders that are closed, or too deep for a path) counts as all that was lost.
 */
import { readlinkSync, statfsSync, statSync } from 'node:fs';
import { namesIn } from '../common/list-names.ts';
import { readText } from './read-text.ts';
import type { SandboxLimits } from './types.ts';
import { type DiskSize, sizeOfChanged } from './walk-size.ts';

/** Whatever the limit is, this much stays free on the device, or this share of a small one. */
const RESERVE_BYTES = 2 ** 30;
const RESERVE_SHARE = 0.05;
const NOTHING: DiskSize = { bytes: 0, files: 0 };
/** A command may write so much where nothing is left, as even removing files needs a little; with small limits, a part of them. */
const SLACK: DiskSize = { bytes: 64 * 2 ** 20, files: 1000 };
const SLACK_SHARE = 1 / 16;
/** From this share of the limit on, what was written is worth a line. */
const WORTH_TELLING = 0.1;
/** Descriptors that are looked at for removed files which are still open. */
const MOST_DESCRIPTORS = 10_000;

export type DiskLimits = Pick<SandboxLimits, 'diskBytes' | 'diskFiles'>;

export interface DiskGuard {
  /** To be called before each command. */
  begin(): void;
  /** Cheap. Whether the commands wrote more than they may; `pids` are the processes of the one that runs. */
  isExceeded(pids: readonly number[]): boolean;
  /** To be called behind a command: bytes of what the commands wrote and left; null = not worth a word. */
  written(): Promise<number | null>;
}

export interface Device {
  free(): DiskSize;
  readonly totalBytes: number;
}

/**
 * @param folders all that the commands can write; on one device
 * @param openDevice tests play another one
 */
export function guardDisk(folders: () => readonly string[], limits: DiskLimits, openDevice = deviceOf): DiskGuard {
  const limit: DiskSize = { bytes: limits.diskBytes, files: limits.diskFiles };
  /** When the first command began, and the most that was free since. */
  let since: { time: number; free: DiskSize; device: Device } | null = null;
  let freeBefore = 0;
  /** What of the loss others wrote, as the last look through the files told. */
  let others = NOTHING;
  /** What may be written before the files are looked through again. */
  let allowed = limit;
  let isOver = false;
  let walking = false;
  let told = { lost: 0, bytes: 0 };

  const lost = (): DiskSize => {
    if (!since) return NOTHING;
    const free = since.device.free();
    since.free = { bytes: Math.max(since.free.bytes, free.bytes), files: Math.max(since.free.files, free.files) };
    return minus(since.free, free);
  };
  const count = async (pids: readonly number[]): Promise<DiskSize> => {
    const seen = await sizeOfChanged(folders(), since?.time ?? 0, limit);
    const held = heldRemoved(pids);
    const gone = lost();
    if (!seen.isWhole || held === null) return gone;
    return { bytes: Math.min(gone.bytes, seen.bytes + held), files: Math.min(gone.files, seen.files) };
  };
  const slack = { bytes: Math.min(SLACK.bytes, SLACK_SHARE * limit.bytes), files: Math.min(SLACK.files, SLACK_SHARE * limit.files) };
  const allow = ({ bytes, files }: DiskSize) => {
    allowed = { bytes: Math.max(limit.bytes, bytes + slack.bytes), files: Math.max(limit.files, files + slack.files) };
  };
  const look = async (pids: readonly number[]): Promise<void> => {
    walking = true;
    const written = await count(pids);
    others = minus(lost(), written);
    isOver = isMore(written, limit);
    if (!isOver) allow(written);
    walking = false;
  };

  return {
    begin() {
      const device = since?.device ?? openDevice(folders()[0] ?? '/');
      since ??= { time: Date.now(), free: device.free(), device };
      freeBefore = device.free().bytes;
      allow(minus(lost(), others));
      isOver = false;
    },
    isExceeded(pids) {
      if (isOver || !since) return isOver;
      const free = since.device.free().bytes;
      const reserve = Math.min(RESERVE_BYTES, RESERVE_SHARE * since.device.totalBytes);
      if (free < reserve && freeBefore - free > SLACK.bytes) return true;
      if (!walking && isMore(minus(lost(), others), allowed)) void look(pids);
      return false;
    },
    async written() {
      const worth = WORTH_TELLING * limit.bytes;
      const gone = lost().bytes;
      if (gone < worth) return null;
      if (Math.abs(gone - told.lost) > worth) told = { lost: gone, bytes: (await count([])).bytes };
      return told.bytes >= worth ? told.bytes : null;
    },
  };
}

function minus(a: DiskSize, b: DiskSize): DiskSize {
  return { bytes: a.bytes - b.bytes, files: a.files - b.files };
}

function isMore(a: DiskSize, b: DiskSize): boolean {
  return a.bytes > b.bytes || a.files > b.files;
}

/** What its free space was before, where it cannot be asked now. */
function deviceOf(folder: string): Device {
  let known: DiskSize = { bytes: 0, files: 0 };
  const ask = () => {
    try {
      return statfsSync(folder);
    } catch {
      return null; // the next look may succeed
    }
  };
  const free = () => {
    const now = ask();
    if (now) known = { bytes: now.bavail * now.bsize, files: now.ffree };
    return known;
  };
  const whole = ask();
  return { free, totalBytes: whole ? whole.blocks * whole.bsize : 0 };
}

/** Bytes of removed files that processes hold open; null where a process does not show its descriptors, or has too many. */
function heldRemoved(pids: readonly number[]): number | null {
  const seen = new Set<string>();
  let [bytes, left] = [0, MOST_DESCRIPTORS];
  for (const pid of pids) {
    const descriptors = namesIn(`/proc/${pid}/fd`);
    if (descriptors.length === 0 && isAlive(pid)) return null;
    left -= descriptors.length;
    if (left < 0) return null;
    for (const name of descriptors) {
      const size = removedFile(`/proc/${pid}/fd/${name}`);
      if (!size || seen.has(size.id)) continue;
      seen.add(size.id);
      bytes += size.bytes;
    }
  }
  return bytes;
}

function removedFile(link: string): { id: string; bytes: number } | null {
  try {
    if (!readlinkSync(link).endsWith(' (deleted)')) return null;
    const { dev, ino, nlink, blocks } = statSync(link);
    return nlink === 0 ? { id: `${dev} ${ino}`, bytes: blocks * 512 } : null;
  } catch {
    return null; // closed by now
  }
}

function isAlive(pid: number): boolean {
  return /^State:\s+[^ZX]/m.test(readText(`/proc/${pid}/status`));
}
