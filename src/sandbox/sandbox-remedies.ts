/** Why there is no sandbox, and what helps: one table for the probe, Check Setup and `doctor`. */
import { type Message, message, sentences } from '../messages/message.ts';
import type { ContainerKind, HostFacts } from './host-facts.ts';
import { installerOf, installPackages } from './system-packages.ts';

export interface ProbeFailure {
  readonly kind: 'no-platform' | 'no-processor' | 'missing' | 'not-starting' | 'refused';
  /** Path of the program that was tried ('' = there is none). */
  readonly program: string;
  /** What it said, on one line. */
  readonly said: string;
  readonly setuid: boolean;
}

export interface Remedy {
  /** What to do, in one or two sentences that name the commands. */
  readonly text: Message;
  /** The commands alone, to be copied; none where nothing of this machine helps. */
  readonly commands: readonly string[];
}

export interface RemedyRow {
  /** For tests and for the table in docs/platforms.md. */
  readonly name: string;
  when(failure: ProbeFailure, facts: HostFacts): boolean;
  remedy(failure: ProbeFailure, facts: HostFacts): Remedy;
}

/** What bwrap says where the kernel, or what guards it, refuses a user namespace. */
const NO_NAMESPACE = /No permissions to creat|Creating new namespace failed: (Operation not permitted|Permission denied)/i;
/** A namespace was made, but nothing is allowed in it. */
const POWERLESS = /setting up uid map|RTM_NEW(ADDR|LINK)/;
const NO_KERNEL_SUPPORT = /kernel does not support user namespaces|Creating new namespace failed: Invalid argument/;
const NO_FILTER = /PR_SET_SECCOMP|CONFIG_SECCOMP/;
const SETUID = /in setuid mode|setuid use of bubblewrap|not setuid, old file caps|capset failed/;

const CONTAINER_FLAGS = ['seccomp=unconfined', 'apparmor=unconfined', 'systempaths=unconfined'];
const asFlags = (options: readonly string[]) => options.map((option) => `--security-opt ${option}`).join(' ');
const RUN_ARGUMENTS = `"runArgs": [${CONTAINER_FLAGS.map((option) => `"--security-opt=${option}"`).join(', ')}]`;

const inContainer = (facts: HostFacts) => facts.container !== null;

/** The first row that fits counts. */
export const REMEDIES: readonly RemedyRow[] = [
  {
    name: 'Windows',
    when: (_, { platform }) => platform === 'win32',
    remedy: () => fix('sandbox.fix.windows', ['wsl --install']),
  },
  {
    name: 'macOS, already in a sandbox',
    when: ({ said }, { platform }) => platform === 'darwin' && said.includes('sandbox_apply'),
    remedy: () => fix('sandbox.fix.nested'),
  },
  {
    name: 'macOS, anything else',
    when: (_, { platform }) => platform === 'darwin',
    remedy: () => fix('sandbox.fix.mac', ['/usr/bin/sandbox-exec -p "(version 1)(allow default)" /usr/bin/true']),
  },
  {
    name: 'no sandbox for this system',
    when: (_, { platform }) => platform !== 'linux',
    remedy: () => fix('sandbox.fix.platform'),
  },
  { name: 'another processor', when: ({ kind }) => kind === 'no-processor', remedy: () => fix('sandbox.fix.processor') },
  {
    name: 'WSL 1',
    when: (_, { wsl }) => wsl?.version === 1,
    remedy: (_, { wsl }) => fix('sandbox.fix.wsl1', [`wsl --set-version ${wsl?.name || 'Ubuntu'} 2`]),
  },
  { name: 'not installed', when: ({ kind }) => kind === 'missing', remedy: (_, facts) => installing(['bubblewrap', 'socat'], facts) },
  { name: 'does not start', when: ({ kind }) => kind === 'not-starting', remedy: (_, facts) => installing(['bubblewrap'], facts, 'again') },
  {
    name: 'too old',
    when: ({ said }) => /Unknown option|has no option/i.test(said),
    remedy: (_, facts) => installing(['bubblewrap'], facts, 'newer'),
  },
  { name: 'kernel without filters of system calls', when: ({ said }) => NO_FILTER.test(said), remedy: () => fix('sandbox.fix.noFilter') },
  {
    name: 'setuid root',
    when: ({ said, setuid }) => SETUID.test(said) || (setuid && NO_NAMESPACE.test(said)),
    remedy: ({ program }, facts) => fix('sandbox.fix.setuid', [asRoot(`chmod u-s ${program}`, facts)]),
  },
  {
    name: 'container on a host that AppArmor restricts',
    when: ({ said }, facts) => inContainer(facts) && POWERLESS.test(said) && facts.restrictedByAppArmor === '1',
    remedy: () => fix('sandbox.fix.hostAppArmor', ['sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0']),
  },
  { name: 'container', when: (_, facts) => inContainer(facts), remedy: (_, { container }) => openingContainer(container ?? 'other') },
  {
    name: 'AppArmor, with a profile for bwrap',
    when: ({ said }, facts) => facts.restrictedByAppArmor === '1' && guarded(said) && facts.appArmorProfiles.length > 0,
    remedy: (_, facts) =>
      fix(
        'sandbox.fix.appArmorProfile',
        facts.appArmorProfiles.map((file) => asRoot(`apparmor_parser -r ${file}`, facts)),
      ),
  },
  {
    name: 'AppArmor, without a profile for bwrap',
    when: ({ said }, facts) => facts.restrictedByAppArmor === '1' && guarded(said),
    remedy: ({ program }, facts) => fix('sandbox.fix.appArmor', appArmorCommands(program, facts)),
  },
  {
    name: 'kernel.unprivileged_userns_clone = 0',
    when: (_, { cloneAllowed }) => cloneAllowed === '0',
    remedy: (_, facts) => fix('sandbox.fix.sysctl', sysctlCommands('kernel.unprivileged_userns_clone=1', facts)),
  },
  {
    name: 'user.max_user_namespaces = 0',
    when: (_, { mostNamespaces }) => mostNamespaces === '0',
    remedy: (_, facts) => fix('sandbox.fix.sysctl', sysctlCommands('user.max_user_namespaces=15000', facts)),
  },
  {
    name: 'user.max_user_namespaces reached',
    when: ({ said }) => /ENOSPC|namespace failed: No space left/.test(said),
    remedy: (_, facts) => fix('sandbox.fix.exhausted', sysctlCommands('user.max_user_namespaces=60000', facts)),
  },
  { name: 'kernel without user namespaces', when: ({ said }) => NO_KERNEL_SUPPORT.test(said), remedy: () => fix('sandbox.fix.kernel') },
  {
    name: 'SELinux',
    when: ({ said }, { seLinuxEnforcing }) => seLinuxEnforcing && /Permission denied/.test(said),
    remedy: (_, facts) => fix('sandbox.fix.seLinux', [asRoot('ausearch -m avc -ts recent -c bwrap', facts)]),
  },
  { name: 'anything else', when: () => true, remedy: () => fix('sandbox.fix.unknown', ['bwrap --unshare-all --ro-bind / / true']) },
];

/** What is wrong, what helps, and what the user may choose instead, as one message; and the commands in it. */
export function explainFailure(
  failure: ProbeFailure,
  facts: HostFacts,
): { readonly reason: Message; readonly commands: readonly string[] } {
  const { text, commands } = remedyFor(failure, facts);
  const instead = canDoWithout(facts) ? [message(inContainer(facts) ? 'sandbox.orContainer' : 'sandbox.orUnsandboxed')] : [];
  return { reason: sentences([problem(failure, facts), text, ...instead]), commands };
}

/** Whether commands can run where the user chooses to have no sandbox. On Windows itself they can't: there is no shell that they are for. */
export function canDoWithout({ platform }: Pick<HostFacts, 'platform'>): boolean {
  return platform !== 'win32';
}

export function remedyFor(failure: ProbeFailure, facts: HostFacts): Remedy {
  const row = REMEDIES.find((candidate) => candidate.when(failure, facts));
  return (row ?? REMEDIES[REMEDIES.length - 1]!).remedy(failure, facts);
}

/** What to do where commands can be sandboxed but have no way to the network: the program that bridges it is missing. */
export function missingSocat(facts: HostFacts): Remedy {
  return installing(['socat'], facts);
}

function problem({ kind, program, said }: ProbeFailure, { platform }: HostFacts): Message {
  switch (kind) {
    case 'no-platform':
      return platform === 'win32' ? message('sandbox.noWindows') : message('sandbox.noPlatform', { platform });
    case 'no-processor':
      return message('sandbox.noProcessor', { processor: said });
    case 'missing':
      return message(platform === 'darwin' ? 'sandbox.macMissing' : 'sandbox.missing');
    case 'not-starting':
      return message('sandbox.notStarting', { program, said });
    case 'refused':
      return message('sandbox.refused', { program, said });
  }
}

/** Every sentence of a remedy that has commands asks for them by this name. */
type FixCode = Extract<Parameters<typeof message>[0], `sandbox.fix.${string}`>;

function fix(code: FixCode, commands: readonly string[] = []): Remedy {
  const text: Message = { code, args: commands.length > 0 ? { commands: commands.map((command) => `\`${command}\``) } : {} };
  return { text, commands };
}

function guarded(said: string): boolean {
  return NO_NAMESPACE.test(said) || POWERLESS.test(said);
}

const asRoot = (command: string, { root }: HostFacts) => (root ? command : `sudo ${command}`);

const INSTALL_CODES = {
  first: 'sandbox.fix.install',
  again: 'sandbox.fix.installAgain',
  newer: 'sandbox.fix.installNewer',
} as const satisfies Record<string, FixCode>;

function installing(packages: readonly string[], facts: HostFacts, how: keyof typeof INSTALL_CODES = 'first'): Remedy {
  if (facts.distributions.includes('nixos')) return fix('sandbox.fix.nixos', [asRoot('nixos-rebuild switch', facts)]);
  if (facts.layered) return fix('sandbox.fix.layered', [`rpm-ostree install ${packages.join(' ')}`]);
  const installer = installerOf(facts);
  if (!installer) return { text: message('sandbox.fix.installUnknown', { packages }), commands: [] };
  return fix(INSTALL_CODES[how], [installPackages(installer, packages, facts)]);
}

/** A profile that gives bwrap no more than a name and user namespaces, as Ubuntu writes them for its own programs. */
export function appArmorProfile(program: string): string[] {
  return ['abi <abi/4.0>,', 'include <tunables/global>', '', `profile bwrap ${program} flags=(unconfined) {`, '  userns,', '}'];
}

function appArmorCommands(program: string, facts: HostFacts): string[] {
  const lines = appArmorProfile(program).map((line) => `'${line}'`);
  const file = '/etc/apparmor.d/bwrap';
  return [`printf '%s\\n' ${lines.join(' ')} | ${asRoot(`tee ${file}`, facts)}`, asRoot(`apparmor_parser -r ${file}`, facts)];
}

function sysctlCommands(setting: string, facts: HostFacts): string[] {
  const file = '/etc/sysctl.d/60-user-namespaces.conf';
  return [`echo ${setting} | ${asRoot(`tee ${file}`, facts)}`, asRoot(`sysctl -p ${file}`, facts)];
}

function openingContainer(kind: ContainerKind): Remedy {
  switch (kind) {
    case 'docker':
      return fix('sandbox.fix.container', [`docker run ${asFlags(CONTAINER_FLAGS)} ...`]);
    case 'podman':
      return fix('sandbox.fix.container', [`podman run ${asFlags(['seccomp=unconfined', 'label=disable', 'unmask=ALL'])} ...`]);
    case 'kubernetes':
      return fix('sandbox.fix.kubernetes');
    case 'lxc':
      return fix('sandbox.fix.lxc', ['lxc config set NAME security.nesting true']);
    case 'codespaces':
    case 'devcontainer':
      return fix('sandbox.fix.devcontainer', [RUN_ARGUMENTS]);
    case 'other':
      return fix('sandbox.fix.otherContainer');
  }
}
