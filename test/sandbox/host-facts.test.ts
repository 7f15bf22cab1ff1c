import assert from 'node:assert/strict';
import { readHostFacts } from '../../src/sandbox/host-facts.ts';
import { machine } from './played-machine.ts';

const UBUNTU = 'PRETTY_NAME="Ubuntu 24.04.2 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n';
const HOST_GROUP = '0::/init.scope\n';
const HOST_MOUNTS =
  '25 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n' +
  // A machine that runs Docker has these; it is no container itself.
  '612 25 0:59 / /var/lib/docker/overlay2/0f/merged rw,relatime shared:325 - overlay overlay rw\n' +
  '640 25 0:60 / /var/lib/docker/containers/9c/mounts/shm rw,nosuid shared:330 - tmpfs shm rw\n' +
  '700 25 0:61 / /var/lib/kubelet/pods/7d/volumes/kubernetes.io~projected/token rw - tmpfs tmpfs rw\n';

describe('what kind of machine this is', () => {
  it('names the distribution and what it is like', () => {
    const of = (text: string) => readHostFacts(machine({ '/etc/os-release': text })).distributions;
    assert.deepEqual(of(UBUNTU), ['ubuntu', 'debian']);
    assert.deepEqual(of('NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\n'), ['rocky', 'rhel', 'centos', 'fedora']);
    assert.deepEqual(of("ID='opensuse-tumbleweed'\nID_LIKE='opensuse suse'\n"), ['opensuse-tumbleweed', 'opensuse', 'suse']);
    assert.deepEqual(of('# nothing\nXID=wrong\n'), []);
    assert.deepEqual(readHostFacts(machine({ '/usr/lib/os-release': 'ID=nixos\n' })).distributions, ['nixos']);
  });

  it('tells WSL 1 from WSL 2', () => {
    const of = (text: string) =>
      readHostFacts(machine({ '/proc/version': text }, { env: { WSL_DISTRO_NAME: 'Ubuntu-22.04' } })).wsl?.version ?? null;
    assert.equal(of('Linux version 4.4.0-22621-Microsoft (Microsoft@Microsoft.com) (gcc version 5.4.0 (GCC) ) #1-Microsoft'), 1);
    assert.equal(of('Linux version 4.4.0-43-Microsoft (Microsoft@Microsoft.com) #1-Microsoft Wed Dec 31 14:42:53 PST 2014'), 1);
    assert.equal(of('Linux version 5.15.90.1-microsoft-standard-WSL2 (oe-user@oe-host) (x86_64-msft-linux-gcc (GCC) 9.3.0'), 2);
    assert.equal(of('Linux version 4.19.84-microsoft-standard (oe-user@oe-host) (gcc version 8.2.0 (GCC))'), 2);
    assert.equal(of('Linux version 6.8.0-56-generic (buildd@lcy02-amd64-099) (x86_64-linux-gnu-gcc-13 (Ubuntu 13.3.0))'), null);
    assert.equal(
      readHostFacts(machine({ '/proc/version': 'x-microsoft-standard-WSL2' }, { env: { WSL_DISTRO_NAME: 'Kali' } })).wsl?.name,
      'Kali',
    );
  });

  it('sees a container by what the system shows', () => {
    const of = (files: Record<string, string>, env = {}) => readHostFacts(machine(files, { env })).container;
    assert.equal(of({ '/.dockerenv': '' }), 'docker');
    assert.equal(of({ '/run/.containerenv': 'engine="podman-4.9.3"\n' }), 'podman');
    assert.equal(of({ '/proc/1/cgroup': '12:devices:/docker/4f5c8e\n1:name=systemd:/docker/4f5c8e\n' }), 'docker');
    assert.equal(of({ '/proc/1/cgroup': '11:memory:/kubepods/besteffort/pod7d/4f5c\n' }), 'kubernetes');
    assert.equal(of({ '/proc/1/cgroup': '10:cpu:/lxc/web\n' }), 'lxc');
    assert.equal(of({ '/proc/1/cgroup': '1:name=systemd:/system.slice/containerd.service/x\n' }), 'other');
    assert.equal(of({ '/proc/1/environ': 'PATH=/bin\0container=podman\0HOME=/\0' }), 'podman');
    assert.equal(of({ '/proc/1/environ': 'container=systemd-nspawn\0' }), 'other');
    assert.equal(of({ '/run/systemd/container': 'lxc\n' }), 'lxc');
    const bound = (source: string) => `812 800 259:2 ${source} /etc/hosts rw,relatime - ext4 /dev/sda1 rw\n`;
    assert.equal(of({ '/proc/self/mountinfo': bound('/var/lib/docker/containers/9c/hosts') }), 'docker');
    assert.equal(of({ '/proc/self/mountinfo': bound('/var/lib/kubelet/pods/7d/etc-hosts') }), 'kubernetes');
    assert.equal(of({ '/proc/self/mountinfo': bound('/containers/overlay-containers/9c/userdata/hosts') }), 'other');
    assert.equal(of({ '/.dockerenv': '' }, { CODESPACES: 'true' }), 'codespaces');
    assert.equal(of({ '/.dockerenv': '' }, { REMOTE_CONTAINERS: 'true' }), 'devcontainer');
  });

  it('takes no machine for a container that runs some, is WSL, or only has variables that say so', () => {
    const host = { '/proc/1/cgroup': HOST_GROUP, '/proc/self/mountinfo': HOST_MOUNTS, '/etc/os-release': UBUNTU };
    assert.equal(readHostFacts(machine(host)).container, null);
    for (const env of [{ CODESPACES: 'true' }, { REMOTE_CONTAINERS: 'true' }, { container: 'docker' }, { KUBERNETES_SERVICE_HOST: '1' }]) {
      assert.equal(readHostFacts(machine(host, { env })).container, null, JSON.stringify(env));
    }
    assert.equal(
      readHostFacts(machine({ ...host, '/run/systemd/container': 'wsl\n', '/proc/1/environ': 'container=wsl\0' })).container,
      null,
    );
    assert.equal(readHostFacts(machine({ '/.dockerenv': '' }, { platform: 'darwin' })).container, null);
    assert.equal(readHostFacts(machine()).container, null);
  });

  it('reads what restricts user namespaces', () => {
    const facts = readHostFacts(
      machine({
        '/proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n',
        '/proc/sys/kernel/unprivileged_userns_clone': '1\n',
        '/proc/sys/user/max_user_namespaces': '56122\n',
        '/etc/apparmor.d/bwrap-userns-restrict': '',
        '/etc/apparmor.d/firefox': '',
        '/sys/fs/selinux/enforce': '1',
      }),
    );
    assert.deepEqual([facts.restrictedByAppArmor, facts.cloneAllowed, facts.mostNamespaces], ['1', '1', '56122']);
    assert.deepEqual(facts.appArmorProfiles, ['/etc/apparmor.d/bwrap-userns-restrict']);
    assert.equal(facts.seLinuxEnforcing, true);
    assert.equal(readHostFacts(machine()).restrictedByAppArmor, null);
  });
});
