import assert from 'node:assert/strict';
import { seccompFilter } from '../../src/sandbox/seccomp-filter.ts';

const USER = { uid: 1000, gid: 100 };
const AUDIT = { x64: 0xc000003e, arm64: 0xc00000b7 };
const [ALLOWED, KILLED] = ['allowed', 'killed'];
const [EPERM, EINVAL, ENOTTY, ENOSYS, EAFNOSUPPORT] = [1, 22, 25, 38, 97];

/** The kernel's interpreter, as far as the filter goes: what it answers to a call. */
function ask(arch: 'x64' | 'arm64', number: number, args: readonly (number | bigint)[] = [], audit = AUDIT[arch]): string | number {
  return askOf(seccompFilter(arch, USER)!, { number, args, audit });
}

interface Call {
  readonly number: number;
  readonly args: readonly (number | bigint)[];
  readonly audit: number;
}

function askOf(program: Buffer, { number, args, audit }: Call): string | number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number, 0);
  data.writeUInt32LE(audit, 4);
  for (const [index, value] of args.entries()) data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 16 + 8 * index);
  let loaded = 0;
  for (let at = 0; at < program.length / 8; at++) {
    const [code, jt, jf] = [program.readUInt16LE(8 * at), program[8 * at + 2]!, program[8 * at + 3]!];
    const k = program.readUInt32LE(8 * at + 4);
    if (code === 0x20) loaded = data.readUInt32LE(k);
    else if (code === 0x15) at += loaded === k ? jt : jf;
    else if (code === 0x35) at += loaded >= k ? jt : jf;
    else if (code === 0x45) at += (loaded & k) !== 0 ? jt : jf;
    else if (code === 0x54) loaded = (loaded & k) >>> 0;
    else if (code === 0x06) {
      if (k === 0x7fff0000) return ALLOWED!;
      if (k === 0x80000000) return KILLED!;
      assert.equal(k & 0xffff0000, 0x00050000);
      return k & 0xffff;
    } else assert.fail(`unknown instruction ${code}`);
  }
  return assert.fail('the program runs off its end');
}

/** biome-ignore format: a table; from the kernel's headers */
const NUMBERS = {
  x64: {
    read: 0, ioctl: 16, socket: 41, socketpair: 53, clone: 56, fork: 57, execve: 59, fcntl: 72, chown: 92, ptrace: 101, syslog: 103, setuid: 105,
    setresgid: 119, personality: 135, mount: 165, umount2: 166, init_module: 175, quotactl: 179, kexec_load: 246, add_key: 248,
    request_key: 249, keyctl: 250, fchownat: 260, unshare: 272, perf_event_open: 298, open_by_handle_at: 304, setns: 308,
    process_vm_writev: 311, bpf: 321, userfaultfd: 323,
  },
  arm64: {
    read: 63, fcntl: 25, ioctl: 29, socket: 198, socketpair: 199, clone: 220, fork: 222, execve: 221, chown: 54, ptrace: 117, syslog: 116, setuid: 146,
    setresgid: 149, personality: 92, mount: 40, umount2: 39, init_module: 105, quotactl: 60, kexec_load: 104, add_key: 217,
    request_key: 218, keyctl: 219, fchownat: 54, unshare: 97, perf_event_open: 241, open_by_handle_at: 265, setns: 268,
    process_vm_writev: 271, bpf: 280, userfaultfd: 282,
  },
};

describe('the filter of system calls', () => {
  for (const arch of ['x64', 'arm64'] as const) {
    const of = NUMBERS[arch];

    it(`refuses what reaches the kernel, the keyrings and the mounts (${arch})`, () => {
      const refused = ['syslog', 'mount', 'umount2', 'init_module', 'quotactl', 'kexec_load', 'add_key', 'request_key', 'keyctl'] as const;
      const more = ['perf_event_open', 'open_by_handle_at', 'setns', 'bpf', 'userfaultfd'] as const;
      for (const name of [...refused, ...more]) assert.equal(ask(arch, of[name]), EPERM, name);
      for (const number of [428, 429, 430, 431, 432, 433, 442, 467]) assert.equal(ask(arch, number), EPERM, String(number));
    });

    it(`says of io_uring, clone3 and calls that nobody looked at yet that they do not exist (${arch})`, () => {
      for (const number of [425, 426, 427, 435, 470, 1000, 0xffffffff]) assert.equal(ask(arch, number), ENOSYS, String(number));
    });

    it(`allows what programs and debuggers use (${arch})`, () => {
      for (const name of ['read', 'fork', 'execve', 'ptrace', 'process_vm_writev'] as const)
        assert.equal(ask(arch, of[name]), ALLOWED, name);
    });

    it(`lets a debugger do anything but hold what ends, and nothing with the first process (${arch})`, () => {
      const [TRACEME, ATTACH, OLD_OPTIONS, OPTIONS, SEIZE, AT_EXIT] = [0, 16, 21, 0x4200, 0x4206, 0x40];
      const others = 0x10_0000 | 0xbf;
      for (const args of [[TRACEME], [ATTACH, 2], [SEIZE, 2, 0, others], [OPTIONS, 2, 0, others], [12, 1], [0x4206_0000_0000n, 1]])
        assert.equal(ask(arch, of.ptrace, args), ALLOWED, String(args));
      for (const args of [
        [ATTACH, 1],
        [SEIZE, 1, 0, 0],
        [ATTACH, 0x1_0000_0001n],
      ])
        assert.equal(ask(arch, of.ptrace, args), EPERM, String(args));
      for (const request of [OLD_OPTIONS, OPTIONS, SEIZE])
        assert.equal(ask(arch, of.ptrace, [request, 2, 0, others | AT_EXIT]), EPERM, String(request));
    });

    it(`refuses new namespaces, and threads not (${arch})`, () => {
      for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
        assert.equal(ask(arch, of.clone, [flag | 17]), EPERM);
        assert.equal(ask(arch, of.unshare, [flag]), EPERM);
      }
      assert.equal(ask(arch, of.unshare, [0x80]), EPERM);
      for (const flags of [17, 0x3d0f00, 0x4111]) assert.equal(ask(arch, of.clone, [flags]), ALLOWED);
      assert.equal(ask(arch, of.unshare, [0x400]), ALLOWED);
    });

    it(`knows four families of sockets and one protocol of netlink (${arch})`, () => {
      for (const family of [1, 2, 10]) assert.equal(ask(arch, of.socket, [family, 1, 0]), ALLOWED, String(family));
      assert.equal(ask(arch, of.socket, [16, 3, 0]), ALLOWED);
      for (const protocol of [4, 6, 9, 12, 15, 16]) assert.equal(ask(arch, of.socket, [16, 3, protocol]), EAFNOSUPPORT);
      for (const family of [15, 17, 21, 29, 30, 31, 38, 40, 44]) assert.equal(ask(arch, of.socket, [family, 1, 0]), EAFNOSUPPORT);
      assert.equal(ask(arch, of.socketpair, [1, 1, 0]), ALLOWED);
      assert.equal(ask(arch, of.socketpair, [40, 1, 0]), EAFNOSUPPORT);
    });

    it(`knows none for a program that talks to nobody (${arch})`, () => {
      const program = seccompFilter(arch, USER, 'none')!;
      const told = (number: number, args: readonly number[]) => askOf(program, { number, args, audit: AUDIT[arch] });
      for (const family of [1, 2, 10, 16]) assert.equal(told(of.socket, [family, 1, 0]), EAFNOSUPPORT, String(family));
      assert.equal(told(of.socketpair, [1, 1, 0]), ALLOWED);
    });

    it(`types nothing into a terminal, also where the kernel ignores the upper half of the number (${arch})`, () => {
      for (const request of [0x5412, 0x541c, 0x1_0000_5412n]) assert.equal(ask(arch, of.ioctl, [0, request]), EPERM);
      assert.equal(ask(arch, of.ioctl, [0, 0x5413]), ALLOWED);
    });

    it(`asks a file system for no copy of a subvolume and no key, and copies files (${arch})`, () => {
      const snapshots = [0x50009401, 0x50009417, 0x5000940e, 0x1_5000_9417n, 0x4020bc10];
      for (const request of snapshots) assert.equal(ask(arch, of.ioctl, [3, request]), ENOTTY, String(request));
      for (const key of [0xc0506617, 0xc0406618, 0xc0406619, 0x800c6613]) assert.equal(ask(arch, of.ioctl, [3, key]), EPERM, String(key));
      // clone, clone of a range, same ranges; flags, extents, the width of a terminal, bytes to read, addresses of interfaces
      const usual = [0x40049409, 0x4020940d, 0xc0189436, 0x80086601, 0xc020660b, 0x5413, 0x541b, 0x8912];
      for (const request of usual) assert.equal(ask(arch, of.ioctl, [3, request]), ALLOWED, String(request));
    });

    it(`takes no lease on a file, for which everybody else would wait, and locks (${arch})`, () => {
      for (const command of [1024, 0x1_0000_0400n]) assert.equal(ask(arch, of.fcntl, [3, command, 1]), EPERM);
      // Above are younger ones, by which folders have leases, too.
      for (const command of [1039, 1040, 2000]) assert.equal(ask(arch, of.fcntl, [3, command, 1]), EINVAL);
      for (const command of [0, 1, 4, 6, 7, 37, 1025, 1030, 1033, 1038]) assert.equal(ask(arch, of.fcntl, [3, command, 1]), ALLOWED);
    });

    it(`lets a debugger switch randomization off, and nothing else that weakens programs (${arch})`, () => {
      for (const persona of [0, 0x40000, 0xffffffff]) assert.equal(ask(arch, of.personality, [persona]), ALLOWED);
      for (const persona of [0x400000, 0x100000, 0x5000007]) assert.equal(ask(arch, of.personality, [persona]), EPERM);
    });

    it(`says EPERM, as outside, to whoever wants to be somebody else (${arch})`, () => {
      assert.equal(ask(arch, of.setuid, [0]), EPERM);
      assert.equal(ask(arch, of.setuid, [1000]), ALLOWED);
      assert.equal(ask(arch, of.setresgid, [-1, 100, 5]), EPERM);
      assert.equal(ask(arch, of.setresgid, [-1, 100, -1]), ALLOWED);
      assert.equal(ask(arch, of.fchownat, [0, 0, 1000, 1, 0]), EPERM);
      assert.equal(ask(arch, of.fchownat, [0, 0, -1, 100, 0]), ALLOWED);
    });

    it(`ends programs of another architecture (${arch})`, () => {
      for (const audit of [0x40000003, 0x40000028, AUDIT[arch === 'x64' ? 'arm64' : 'x64']])
        assert.equal(ask(arch, of.read, [], audit), KILLED);
    });
  }

  it('refuses every call of x32', () => {
    for (const number of [0, 41, 250, 425]) assert.equal(ask('x64', (0x40000000 | number) >>> 0), ENOSYS);
  });

  it('is not there for other architectures', () => {
    for (const arch of ['arm', 'ia32', 'riscv64', 's390x']) assert.equal(seccompFilter(arch, USER), null);
  });
});
