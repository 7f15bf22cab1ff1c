/**
 * The home that commands have: empty, but for what git needs there for the commits that a project's tests make, and for the addresses of the
 * user's registries.
 */
import { placeFile, prepareMountPoint } from './mount-points.ts';
import { readRegistries } from './registries.ts';
import type { SandboxSpec } from './types.ts';

/** Whoever reads such a commit sees that it is nobody's; the user's own name and address are not the tests' business. */
const IDENTITY = '[user]\n\tname = Developer\n\temail = developer@localhost\n';

/** pnpm asks before it removes what another version installed, and gives up without a terminal. As a variable npm would warn of it each time. */
const PNPM = { at: '.config/pnpm/rc', text: 'confirm-modules-purge=false\n' };

/** What is there already stays as it is. */
export function makePrivateHome({ temp, gitDefaults, env }: Pick<SandboxSpec, 'temp' | 'gitDefaults' | 'env'>): void {
  prepareMountPoint(temp, 'home', true);
  const branch = gitDefaults.branch?.replaceAll(/["\\\p{Cc}]/gu, '');
  const text = (gitDefaults.identity ? IDENTITY : '') + (branch ? `[init]\n\tdefaultBranch = "${branch}"\n` : '');
  const files = [...(text ? [{ at: '.gitconfig', text }] : []), PNPM, ...readRegistries(env).files];
  for (const file of files) placeFile(temp, `home/${file.at}`, file.text);
}
