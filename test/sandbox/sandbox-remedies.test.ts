/** What is said where there is no sandbox: outputs as they stand in public issues and in bubblewrap's source, one row of the table each. */
import assert from 'node:assert/strict';
import { say } from '../../src/messages/message.ts';
import { readHostFacts } from '../../src/sandbox/host-facts.ts';
import { explainFailure, missingSocat, type ProbeFailure, REMEDIES } from '../../src/sandbox/sandbox-remedies.ts';
import { machine } from './played-machine.ts';

const DEBIAN = 'ID=debian\nVERSION_ID="12"\n';
const UBUNTU = 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\n';
const RESTRICTED = { '/etc/os-release': UBUNTU, '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n' };
const UID_MAP = 'bwrap: setting up uid map: Permission denied';
const LOOPBACK = 'bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted';
const NO_PERMISSION =
  "bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user namespaces. On e.g. debian this can be enabled with 'sysctl kernel.unprivileged_userns_clone=1'.";
const UNSUPPORTED =
  'bwrap: Creating new namespace failed, likely because the kernel does not support user namespaces.  bwrap must be installed setuid on such systems.';
const NO_PROC = "bwrap: Can't mount proc on /newroot/proc: Operation not permitted";

interface Case {
  readonly on: string;
  readonly row: string;
  readonly files?: Record<string, string>;
  readonly machine?: Parameters<typeof machine>[1];
  readonly failure: Partial<ProbeFailure>;
  readonly commands: readonly string[];
  readonly says: RegExp;
  /** Null where nothing can be chosen in its place. */
  readonly instead?: null;
}

const missing = { kind: 'missing' as const, program: '' };
const installed = (on: string, osRelease: string, command: string): Case => ({
  on,
  row: 'not installed',
  files: { '/etc/os-release': osRelease },
  failure: missing,
  commands: [command],
  says: /^The sandbox program bubblewrap is not installed\. Install it: `/,
});

const CASES: readonly Case[] = [
  installed('Debian', DEBIAN, 'sudo apt install bubblewrap socat'),
  installed('Ubuntu', UBUNTU, 'sudo apt install bubblewrap socat'),
  installed('Linux Mint', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'sudo apt install bubblewrap socat'),
  installed('Fedora', 'ID=fedora\nVERSION_ID=42\n', 'sudo dnf install bubblewrap socat'),
  installed('Rocky Linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'sudo dnf install bubblewrap socat'),
  installed('Arch', 'ID=arch\n', 'sudo pacman -S bubblewrap socat'),
  installed('Manjaro', 'ID=manjaro\nID_LIKE=arch\n', 'sudo pacman -S bubblewrap socat'),
  installed('Alpine', 'ID=alpine\nVERSION_ID=3.22.1\n', 'sudo apk add bubblewrap socat'),
  installed('openSUSE', 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'sudo zypper install bubblewrap socat'),
  installed('Void', 'ID="void"\n', 'sudo xbps-install bubblewrap socat'),
  { ...installed('Debian as root', DEBIAN, 'apt install bubblewrap socat'), machine: { root: true } },
  {
    ...installed('WSL 2', UBUNTU, 'sudo apt install bubblewrap socat'),
    files: { '/etc/os-release': UBUNTU, '/proc/version': 'Linux version 5.15.90.1-microsoft-standard-WSL2' },
  },
  {
    on: 'NixOS',
    row: 'not installed',
    files: { '/etc/os-release': 'ID=nixos\n' },
    failure: missing,
    commands: ['sudo nixos-rebuild switch'],
    says: /environment\.systemPackages/,
  },
  {
    on: 'Fedora Silverblue',
    row: 'not installed',
    files: { '/etc/os-release': 'ID=fedora\n', '/run/ostree-booted': '' },
    failure: missing,
    commands: ['rpm-ostree install bubblewrap socat'],
    says: /restart: `rpm-ostree/,
  },
  {
    on: 'an unknown Linux',
    row: 'not installed',
    files: { '/etc/os-release': 'ID=slackware\n' },
    failure: missing,
    commands: [],
    says: /Install bubblewrap, socat with the package manager/,
  },
  {
    on: 'a library that is gone',
    row: 'does not start',
    files: { '/etc/os-release': DEBIAN },
    failure: {
      kind: 'not-starting',
      said: '/usr/bin/bwrap: error while loading shared libraries: libcap.so.2: cannot open shared object file',
    },
    commands: ['sudo apt install bubblewrap'],
    says: /does not start \(.*libcap.*\)\. Install it again/,
  },
  ...['bwrap: Unknown option --json-status-fd', 'it has no option --json-status-fd'].map((said) => ({
    on: 'Debian 10, bwrap 0.3.1',
    row: 'too old',
    files: { '/etc/os-release': 'ID=debian\nVERSION_ID="10"\n' },
    failure: { said },
    commands: ['sudo apt install bubblewrap'],
    says: /too old, 0\.4 is needed/,
  })),
  ...[UID_MAP, LOOPBACK, 'bwrap: Creating new namespace failed: Permission denied'].map((said) => ({
    on: 'Ubuntu 24.04',
    row: 'AppArmor, without a profile for bwrap',
    files: RESTRICTED,
    failure: { said },
    commands: [
      "printf '%s\\n' 'abi <abi/4.0>,' 'include <tunables/global>' '' 'profile bwrap /usr/bin/bwrap flags=(unconfined) {' '  userns,' '}' | sudo tee /etc/apparmor.d/bwrap",
      'sudo apparmor_parser -r /etc/apparmor.d/bwrap',
    ],
    says: /AppArmor lets only programs with a profile of their own/,
  })),
  {
    on: 'Ubuntu 25.04, its profile not loaded',
    row: 'AppArmor, with a profile for bwrap',
    files: { ...RESTRICTED, '/etc/apparmor.d/bwrap-userns-restrict': '' },
    failure: { said: UID_MAP },
    commands: ['sudo apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict'],
    says: /there is a profile for bwrap/,
  },
  {
    on: 'Debian 10, or a hardened kernel',
    row: 'kernel.unprivileged_userns_clone = 0',
    files: { '/etc/os-release': DEBIAN, '/proc/sys/kernel/unprivileged_userns_clone': '0\n' },
    failure: { said: NO_PERMISSION },
    commands: [
      'echo kernel.unprivileged_userns_clone=1 | sudo tee /etc/sysctl.d/60-user-namespaces.conf',
      'sudo sysctl -p /etc/sysctl.d/60-user-namespaces.conf',
    ],
    says: /User namespaces are switched off/,
  },
  {
    on: 'RHEL 7 and hardened servers',
    row: 'user.max_user_namespaces = 0',
    files: { '/etc/os-release': 'ID="rhel"\n', '/proc/sys/user/max_user_namespaces': '0\n' },
    failure: { said: 'bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)' },
    commands: [
      'echo user.max_user_namespaces=15000 | sudo tee /etc/sysctl.d/60-user-namespaces.conf',
      'sudo sysctl -p /etc/sysctl.d/60-user-namespaces.conf',
    ],
    says: /User namespaces are switched off/,
  },
  {
    on: 'all namespaces in use',
    row: 'user.max_user_namespaces reached',
    files: { '/etc/os-release': DEBIAN, '/proc/sys/user/max_user_namespaces': '100\n' },
    failure: { said: 'bwrap: Creating new namespace failed: nesting depth or /proc/sys/user/max_*_namespaces exceeded (ENOSPC)' },
    commands: [
      'echo user.max_user_namespaces=60000 | sudo tee /etc/sysctl.d/60-user-namespaces.conf',
      'sudo sysctl -p /etc/sysctl.d/60-user-namespaces.conf',
    ],
    says: /Allow more/,
  },
  ...[UNSUPPORTED, 'bwrap: Creating new namespace failed: Invalid argument'].map((said) => ({
    on: 'a kernel without user namespaces',
    row: 'kernel without user namespaces',
    files: { '/etc/os-release': DEBIAN },
    failure: { said },
    commands: [],
    says: /CONFIG_USER_NS/,
  })),
  {
    on: 'WSL 1',
    row: 'WSL 1',
    files: { '/etc/os-release': UBUNTU, '/proc/version': 'Linux version 4.4.0-22621-Microsoft (Microsoft@Microsoft.com)' },
    machine: { env: { WSL_DISTRO_NAME: 'Ubuntu-22.04' } },
    failure: { said: UNSUPPORTED },
    commands: ['wsl --set-version Ubuntu-22.04 2'],
    says: /WSL 1, which has no user namespaces.*in PowerShell/,
  },
  ...[
    'bwrap: The --size option is not permitted in setuid mode',
    'bwrap: setuid use of bubblewrap is not supported in this build',
    'bwrap: Unexpected capabilities but not setuid, old file caps config?',
    'bwrap: capset failed: Operation not permitted',
  ].map((said) => ({
    on: 'bwrap installed setuid root',
    row: 'setuid root',
    files: { '/etc/os-release': DEBIAN },
    failure: { said, setuid: true },
    commands: ['sudo chmod u-s /usr/bin/bwrap'],
    says: /installed setuid root/,
  })),
  ...[NO_PERMISSION, 'bwrap: pivot_root: Operation not permitted', 'bwrap: Failed to make / slave: Permission denied', NO_PROC].map(
    (said) => ({
      on: 'Docker',
      row: 'container',
      files: { '/etc/os-release': DEBIAN, '/.dockerenv': '' },
      failure: { said },
      commands: [
        'docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined ...',
      ],
      says: /This container forbids.*KIMI_SANDBOX=container/,
    }),
  ),
  {
    on: 'Podman',
    row: 'container',
    files: { '/etc/os-release': 'ID=fedora\n', '/run/.containerenv': '', '/sys/fs/selinux/enforce': '1' },
    failure: { said: NO_PROC },
    commands: ['podman run --security-opt seccomp=unconfined --security-opt label=disable --security-opt unmask=ALL ...'],
    says: /This container forbids.*KIMI_SANDBOX=container/,
  },
  ...(['CODESPACES', 'REMOTE_CONTAINERS'] as const).map((variable) => ({
    on: variable === 'CODESPACES' ? 'GitHub Codespaces' : 'a dev container',
    row: 'container',
    files: { '/etc/os-release': UBUNTU, '/.dockerenv': '' },
    machine: { env: { [variable]: 'true' } },
    failure: { said: NO_PERMISSION },
    commands: [
      '"runArgs": ["--security-opt=seccomp=unconfined", "--security-opt=apparmor=unconfined", "--security-opt=systempaths=unconfined"]',
    ],
    says: /devcontainer\.json and rebuild it/,
  })),
  {
    on: 'a Kubernetes pod',
    row: 'container',
    files: { '/proc/1/cgroup': '11:memory:/kubepods/besteffort/pod7d/4f\n' },
    failure: { said: NO_PERMISSION },
    commands: [],
    says: /securityContext.*Unconfined.*KIMI_SANDBOX=container/,
  },
  {
    on: 'LXC',
    row: 'container',
    files: { '/run/systemd/container': 'lxc\n' },
    failure: { said: 'bwrap: pivot_root: Permission denied' },
    commands: ['lxc config set NAME security.nesting true'],
    says: /forbids nesting/,
  },
  {
    on: 'another container',
    row: 'container',
    files: { '/proc/1/environ': 'container=systemd-nspawn\0' },
    failure: { said: NO_PROC },
    commands: [],
    says: /neither a seccomp filter nor masked paths/,
  },
  {
    on: 'Docker without AppArmor on Ubuntu 24.04',
    row: 'container on a host that AppArmor restricts',
    files: { ...RESTRICTED, '/.dockerenv': '' },
    failure: { said: UID_MAP },
    commands: ['sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'],
    says: /On the host run/,
  },
  {
    on: 'Fedora with SELinux',
    row: 'SELinux',
    files: { '/etc/os-release': 'ID=fedora\n', '/sys/fs/selinux/enforce': '1' },
    failure: { said: 'bwrap: Failed to mount tmpfs: Permission denied' },
    commands: ['sudo ausearch -m avc -ts recent -c bwrap'],
    says: /SELinux is enforcing/,
  },
  {
    on: 'something new',
    row: 'anything else',
    files: { '/etc/os-release': DEBIAN },
    failure: { said: 'bwrap: something that nobody knows' },
    commands: ['bwrap --unshare-all --ro-bind / / true'],
    says: /something that nobody knows.*Nothing that is known here/,
  },
  {
    on: 'Windows',
    row: 'Windows',
    machine: { platform: 'win32' },
    failure: { kind: 'no-platform', program: '' },
    commands: ['wsl --install'],
    says: /^No commands can run on Windows itself, with a sandbox or without\. WSL 2 has a sandbox: in PowerShell run `wsl --install`/,
    instead: null,
  },
  {
    on: 'macOS in a sandbox',
    row: 'macOS, already in a sandbox',
    machine: { platform: 'darwin' },
    failure: { program: '/usr/bin/sandbox-exec', said: 'sandbox-exec: sandbox_apply: Operation not permitted' },
    commands: [],
    says: /they do not nest/,
  },
  {
    on: 'macOS',
    row: 'macOS, anything else',
    machine: { platform: 'darwin' },
    failure: missing,
    commands: ['/usr/bin/sandbox-exec -p "(version 1)(allow default)" /usr/bin/true'],
    says: /sandbox-exec, is not there/,
  },
  {
    on: 'a processor that is not known',
    row: 'another processor',
    failure: { kind: 'no-processor', program: '', said: 'riscv64' },
    commands: [],
    says: /^There is no sandbox for this processor \(riscv64\): .*x86-64 and arm64\. Use a machine with one of these/,
  },
  {
    on: 'a kernel without filters, as gVisor plays one',
    row: 'kernel without filters of system calls',
    files: { '/.dockerenv': '' },
    failure: {
      said: 'bwrap: Unable to set up system call filtering as requested: prctl(PR_SET_SECCOMP) reported EINVAL. (Hint: this requires a kernel configured with CONFIG_SECCOMP and CONFIG_SECCOMP_FILTER.)',
    },
    commands: [],
    says: /This kernel cannot filter system calls/,
  },
  {
    on: 'FreeBSD',
    row: 'no sandbox for this system',
    machine: { platform: 'freebsd' },
    failure: { kind: 'no-platform', program: '' },
    commands: [],
    says: /no sandbox for freebsd\. Use Linux, macOS or WSL 2\./,
  },
];

describe('why there is no sandbox, and what helps', () => {
  for (const { on, row, files, machine: more, failure, commands, says, instead } of CASES) {
    it(`on ${on}: ${failure.said ?? row}`, () => {
      const facts = readHostFacts(machine(files, more));
      const whole: ProbeFailure = { kind: 'refused', program: '/usr/bin/bwrap', said: '', setuid: false, ...failure };
      assert.equal(REMEDIES.find(({ when }) => when(whole, facts))?.name, row);
      const explained = explainFailure(whole, facts);
      assert.deepEqual(explained.commands, commands);
      const [english, chinese] = [say(explained.reason, 'en'), say(explained.reason, 'zh-cn')];
      assert.match(english, says);
      if (instead === null) assert.doesNotMatch(english, /KIMI_SANDBOX/);
      else assert.match(english, facts.container ? /KIMI_SANDBOX=container\)\.$/ : /KIMI_SANDBOX=unsandboxed\)\.$/);
      assert.match(chinese, /[\u4e00-\u9fff]/);
      for (const text of [english, chinese]) {
        assert.doesNotMatch(text, /\{\w+\}|\n/, 'one line, nothing left to fill in');
        for (const command of commands) assert.ok(text.includes(`\`${command}\``), command);
      }
    });
  }

  it('has a case for each row', () => {
    assert.deepEqual(
      REMEDIES.map(({ name }) => name).filter((name) => !CASES.some(({ row }) => row === name)),
      [],
    );
  });

  it('names the package of socat alone where only that is missing', () => {
    const facts = readHostFacts(machine({ '/etc/os-release': 'ID=arch\n' }));
    assert.deepEqual(missingSocat(facts).commands, ['sudo pacman -S socat']);
    assert.equal(say(missingSocat(facts).text, 'en'), 'Install it: `sudo pacman -S socat`.');
  });
});
