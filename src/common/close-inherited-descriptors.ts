import { closeSync, readFileSync } from 'node:fs';
import { namesIn } from './list-names.ts';

/** O_CLOEXEC as fdinfo shows it. */
const CLOSES_ON_EXEC = 0o2000000;

/**
 * Closes what whoever started this process left open beside stdin, stdout and stderr: each child would have it too, and through an open
 * folder a sandboxed command reads and writes outside of every mount. What Node itself has open is never handed on, and stays.
 * Systems without /proc hand nothing on to the children of Node.
 */
export function closeInheritedDescriptors(): void {
  for (const name of namesIn('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor <= 2 || !isHandedOn(descriptor)) continue;
    try {
      closeSync(descriptor);
    } catch {
      // It was closed meanwhile.
    }
  }
}

function isHandedOn(descriptor: number): boolean {
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSES_ON_EXEC) === 0;
  } catch {
    return false;
  }
}
