/** What kind of machine this is, as far as it decides whether commands can be sandboxed and what helps where they can't. */
import { readdirSync, readFileSync, statSync } from 'node:fs';

/** What a container was made by; `other` = a container of an unknown kind. */
export type ContainerKind = 'docker' | 'podman' | 'kubernetes' | 'lxc' | 'codespaces' | 'devcontainer' | 'other';

export interface HostFacts {
  readonly platform: string;
  /** ID of /etc/os-release and what it says it is like, best first: `ubuntu`, `debian`. */
  readonly distributions: readonly string[];
  /** Whether the system's own folders are an image that packages are layered on (Fedora Silverblue and its kin). */
  readonly layered: boolean;
  /** Version of the Windows Subsystem for Linux, and the name that Windows gave this distribution ('' = unknown). */
  readonly wsl: { readonly version: 1 | 2; readonly name: string } | null;
  readonly container: ContainerKind | null;
  /** Settings of the kernel, null where it has no such setting. */
  readonly restrictedByAppArmor: string | null;
  readonly cloneAllowed: string | null;
  readonly mostNamespaces: string | null;
  /** AppArmor profiles that speak of bwrap. */
  readonly appArmorProfiles: readonly string[];
  readonly seLinuxEnforcing: boolean;
  readonly root: boolean;
}

/** The machine as it is looked at; tests play another one. */
export interface Machine {
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly root: boolean;
  /** Content of a file, or null. */
  read(path: string): string | null;
  exists(path: string): boolean;
  names(folder: string): readonly string[];
}

export const thisMachine: Machine = {
  platform: process.platform,
  env: process.env,
  root: process.getuid?.() === 0,
  read: (path) => unlessMissing(() => readFileSync(path, 'utf8')),
  exists: (path) => statSync(path, { throwIfNoEntry: false }) !== undefined,
  names: (folder) => unlessMissing(() => readdirSync(folder)) ?? [],
};

export function readHostFacts(machine: Machine = thisMachine): HostFacts {
  const setting = (path: string) => machine.read(path)?.trim() ?? null;
  const profiles = machine.names('/etc/apparmor.d').filter((name) => /bwrap|bubblewrap/.test(name));
  return {
    platform: machine.platform,
    distributions: distributionsOf(machine.read('/etc/os-release') ?? machine.read('/usr/lib/os-release') ?? ''),
    layered: machine.exists('/run/ostree-booted'),
    wsl: wslOf(machine),
    container: containerOf(machine),
    restrictedByAppArmor: setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
    cloneAllowed: setting('/proc/sys/kernel/unprivileged_userns_clone'),
    mostNamespaces: setting('/proc/sys/user/max_user_namespaces'),
    appArmorProfiles: profiles.map((name) => `/etc/apparmor.d/${name}`),
    seLinuxEnforcing: setting('/sys/fs/selinux/enforce') === '1',
    root: machine.root,
  };
}

function distributionsOf(osRelease: string): string[] {
  const value = (name: string) => new RegExp(`^${name}=(["']?)(.*)\\1$`, 'm').exec(osRelease)?.[2]?.toLowerCase() ?? '';
  return [value('ID'), ...value('ID_LIKE').split(/\s+/)].filter(Boolean);
}

/** The kernel's version names WSL2 itself; the first releases of it only said `microsoft-standard`. The one of WSL1 says `Microsoft`. */
function wslOf({ read, env }: Machine): HostFacts['wsl'] {
  const version = read('/proc/version') ?? '';
  if (!/microsoft/i.test(version)) return null;
  return { version: /WSL([2-9]|\d\d)|microsoft-standard/.test(version) ? 2 : 1, name: env['WSL_DISTRO_NAME'] ?? '' };
}

/**
 * Only what the system itself shows counts as a sign, since a variable could be set anywhere; variables then tell what kind it is, and
 * the kind that says most about what can be done wins.
 */
function containerOf({ read, exists, env, platform }: Machine): ContainerKind | null {
  if (platform !== 'linux') return null;
  const groups = read('/proc/1/cgroup') ?? '';
  const sources = sourcesOfHostFiles(read('/proc/self/mountinfo') ?? '');
  const declared = declaredContainer(read);
  const docker = exists('/.dockerenv') || /docker/.test(groups) || /\/docker\/containers\//.test(sources);
  const podman = exists('/run/.containerenv') || declared === 'podman' || /libpod/.test(groups);
  const kubernetes = /kubepods/.test(groups) || /\/kubelet\/pods\//.test(sources) || exists('/run/secrets/kubernetes.io');
  const lxc = /^lxc/.test(declared) || /(^|[/:])lxc[./]/m.test(groups) || exists('/dev/lxd');
  const other = declared !== '' || /containerd/.test(groups) || /\/containers\//.test(sources);
  if (!docker && !podman && !kubernetes && !lxc && !other) return null;
  if (env['CODESPACES'] === 'true') return 'codespaces';
  if (env['REMOTE_CONTAINERS'] === 'true') return 'devcontainer';
  if (kubernetes) return 'kubernetes';
  if (podman) return 'podman';
  if (docker) return 'docker';
  return lxc ? 'lxc' : 'other';
}

/** Containers get /etc/hosts and its like from a folder of the program that runs them. */
function sourcesOfHostFiles(mountinfo: string): string {
  const mounts = mountinfo.matchAll(/^\d+ \d+ \S+ (\S+) \/etc\/(?:hosts|hostname|resolv\.conf) /gm);
  return [...mounts].map(([, source]) => source).join('\n');
}

/** What the first process was told that it runs in. systemd calls WSL a container, which it is not. */
function declaredContainer(read: Machine['read']): string {
  const variable = /(?:^|\0)container=([^\0]+)/.exec(read('/proc/1/environ') ?? '')?.[1];
  const declared = variable ?? read('/run/systemd/container')?.trim() ?? '';
  return declared === 'wsl' ? '' : declared;
}

function unlessMissing<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    return null;
  }
}
