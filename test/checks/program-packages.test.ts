import assert from 'node:assert/strict';
import { programInstall } from '../../src/checks/program-packages.ts';
import { readHostFacts } from '../../src/sandbox/host-facts.ts';

const machine = (osRelease: string, more: { root?: boolean; platform?: string; ostree?: boolean } = {}) =>
  readHostFacts({
    platform: more.platform ?? 'linux',
    env: {},
    root: more.root ?? false,
    read: (file) => (file === '/etc/os-release' ? osRelease : null),
    exists: (file) => more.ostree === true && file === '/run/ostree-booted',
    names: () => [],
  });
const DEBIAN = machine('ID=debian\n');
const UBUNTU_LIKE = machine('ID=pop\nID_LIKE="ubuntu debian"\n');
const FEDORA = machine('ID=fedora\n');
const ARCH = machine('ID=arch\n', { root: true });
const ALPINE = machine('ID=alpine\n', { root: true });
const TUMBLEWEED = machine('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n');
const MAC = machine('', { platform: 'darwin' });
const NIXOS = machine('ID=nixos\n');
const SILVERBLUE = machine('ID=fedora\n', { ostree: true });
const VOID = machine('ID=void\n');

describe('a program that checks call and nobody has', () => {
  for (const [program, facts, command] of [
    ['cmake', DEBIAN, 'sudo apt install cmake'],
    ['cc', UBUNTU_LIKE, 'sudo apt install build-essential'],
    ['go', DEBIAN, 'sudo apt install golang'],
    ['psql', FEDORA, 'sudo dnf install postgresql'],
    ['shellcheck', FEDORA, 'sudo dnf install ShellCheck'],
    ['python3', ARCH, 'pacman -S python'],
    ['g++', ALPINE, 'apk add build-base'],
    ['shellcheck', TUMBLEWEED, 'sudo zypper install ShellCheck'],
    ['mvn', MAC, 'brew install maven'],
    ['cc', MAC, null],
    ['pnpm', NIXOS, 'npm install -g pnpm'],
    ['tox', MAC, 'pipx install tox'],
    ['cmake', NIXOS, null],
    ['cmake', SILVERBLUE, null],
    ['cmake', VOID, null],
    ['protoc', ALPINE, 'apk add protoc'],
    ['own-tool', DEBIAN, null],
    ['', DEBIAN, null],
    ['=', DEBIAN, null],
    ['cmak', DEBIAN, null],
    ['constructor', DEBIAN, null],
    ['__proto__', DEBIAN, null],
    ['--help', DEBIAN, null],
  ] as const)
    it(`${program || 'no name'} on ${facts.distributions[0] ?? facts.platform}: ${command ?? 'no command is known'}`, () => {
      assert.equal(programInstall(program, facts), command);
    });
});
