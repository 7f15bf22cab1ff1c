import { readFileSync, statfsSync } from 'node:fs';
import { hostname } from 'node:os';

/** File systems that several machines have at once, by what the kernel calls them: NFS, SMB, Lustre, GPFS, BeeGFS, AFS, Ceph. */
const SHARED = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x0bd00bd0, 0x47504653, 0x19830326, 0x5346414f, 0x00c36400]);

/** A machine that shares the disk with others, as its lease files name it: by its name, and by its start, as names change. */
export interface Machine {
  readonly host: string;
  readonly boot: string;
}

/** This machine, where a folder lies on a disk that others may have, too; null elsewhere, and where nothing tells. */
export function machineAt(folder: string): Machine | null {
  try {
    if (process.platform !== 'linux' || !SHARED.has(statfsSync(folder).type)) return null;
    return { host: hostname(), boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() };
  } catch {
    return null;
  }
}

/** Whether what listens there cannot be reached from here. A machine that started anew has another start under its name. */
export const isElsewhere = (one: Machine, other: Machine) => one.host !== other.host && one.boot !== other.boot;
