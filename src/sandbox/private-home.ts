/** The home that commands have: empty, but for what git needs there for the commits that a project's tests make. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxSpec } from './types.ts';

/** Whoever reads such a commit sees that it is nobody's; the user's own name and address are not the tests' business. */
const IDENTITY = '[user]\n\tname = Developer\n\temail = developer@localhost\n';

/** Where there is one already, it stays as it is. */
export function makePrivateHome({ temp, gitDefaults }: Pick<SandboxSpec, 'temp' | 'gitDefaults'>): void {
  const home = join(temp, 'home');
  mkdirSync(home, { recursive: true });
  const branch = gitDefaults.branch?.replaceAll(/["\\\p{Cc}]/gu, '');
  const text = (gitDefaults.identity ? IDENTITY : '') + (branch ? `[init]\n\tdefaultBranch = "${branch}"\n` : '');
  try {
    if (text) writeFileSync(join(home, '.gitconfig'), text, { flag: 'wx' });
  } catch {} // a command's own
}
