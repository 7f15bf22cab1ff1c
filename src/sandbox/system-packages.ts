/** Which command installs packages of the system, by its distribution. */
import type { HostFacts } from './host-facts.ts';

export type Installer = 'apt' | 'dnf' | 'pacman' | 'apk' | 'zypper' | 'xbps' | 'brew';

const INSTALLERS: readonly { readonly of: readonly string[]; readonly installer: Installer }[] = [
  { of: ['debian', 'ubuntu'], installer: 'apt' },
  { of: ['fedora', 'rhel', 'centos'], installer: 'dnf' },
  { of: ['arch'], installer: 'pacman' },
  { of: ['alpine'], installer: 'apk' },
  { of: ['suse', 'opensuse'], installer: 'zypper' },
  { of: ['void'], installer: 'xbps' },
];

const COMMANDS: Readonly<Record<Installer, string>> = {
  apt: 'apt install',
  dnf: 'dnf install',
  pacman: 'pacman -S',
  apk: 'apk add',
  zypper: 'zypper install',
  xbps: 'xbps-install',
  brew: 'brew install',
};

/** @returns null where packages come another way: on an image that they are layered on, on NixOS, and on systems that are not known */
export function installerOf({
  platform,
  distributions,
  layered,
}: Pick<HostFacts, 'platform' | 'distributions' | 'layered'>): Installer | null {
  if (platform === 'darwin') return 'brew';
  if (layered || distributions.includes('nixos')) return null;
  const names = distributions.flatMap((name) => [name, name.replace(/-.*/, '')]);
  return INSTALLERS.find(({ of }) => names.some((name) => of.includes(name)))?.installer ?? null;
}

/** Homebrew refuses to be root; the others have to be. */
export function installPackages(installer: Installer, packages: readonly string[], { root }: Pick<HostFacts, 'root'>): string {
  const command = `${COMMANDS[installer]} ${packages.join(' ')}`;
  return root || installer === 'brew' ? command : `sudo ${command}`;
}
