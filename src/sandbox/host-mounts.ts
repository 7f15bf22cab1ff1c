/** What is mounted on the host now. */
import { readFileSync } from 'node:fs';

const MOUNTS = '/proc/self/mountinfo';
/** File systems of other machines and of other programs. */
const REMOTE = /^(nfs|cifs|smb|fuse|9p|virtiofs|autofs|afs|ceph|gluster|davfs)/;
/** A mount that receives what is mounted below another one, and passes it on to copies of itself (mount_namespaces(7)). */
const PROPAGATES = / (shared|master):\d+ /;

export interface HostMounts {
  /** Where file systems of other machines and programs are mounted. */
  readonly remote: readonly string[];
  /** Those of them that mount something once it is asked for. */
  readonly onDemand: readonly string[];
  /** Whether something that is mounted later could appear in a sandbox that runs already. */
  readonly shared: boolean;
}

/** @param table text of a mountinfo file (proc(5)); a machine without one counts as shared */
export function readHostMounts(table: string | null = readTable()): HostMounts {
  if (table === null) return { remote: [], onDemand: [], shared: true };
  const mounts = table.split('\n').map((line) => {
    const [before = '', type = ''] = line.split(' - ');
    return { before, type };
  });
  const placesOf = (kind: RegExp) =>
    mounts.flatMap(({ before, type }) => (kind.test(type) ? [unescapeOctal(before.split(' ')[4] ?? '')] : []));
  return { remote: placesOf(REMOTE), onDemand: placesOf(/^autofs/), shared: mounts.some(({ before }) => PROPAGATES.test(`${before} `)) };
}

/** Spaces and the like stand in octal there. */
export function unescapeOctal(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
}

function readTable(): string | null {
  try {
    return readFileSync(MOUNTS, 'utf8');
  } catch {
    return null;
  }
}
