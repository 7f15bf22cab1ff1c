/**
 * What the kernel refuses to commands because no namespace covers it, as a classic BPF program for `bwrap --seccomp`. Pure.
 * Refused is what reaches beyond the sandbox (the session's keyring, kernel modules, other socket families) and what programs do not
 * need but attackers of kernels do (io_uring, bpf). Everything else behaves as outside.
 */

/** Errors, as both architectures number them. */
const EPERM = 1;
const EINVAL = 22;
const ENOTTY = 25;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

interface Architecture {
  /** AUDIT_ARCH_* of the kernel. */
  readonly audit: number;
  /** Numbers of system calls where the two differ; those from 424 on are everywhere the same. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** biome-ignore format: a table */
const X64: Architecture = {
  audit: 0xc000003e,
  numbers: {
    ioctl: 16, socket: 41, socketpair: 53, clone: 56, fcntl: 72, chown: 92, fchown: 93, lchown: 94, ptrace: 101, syslog: 103, setuid: 105, setgid: 106,
    setreuid: 113, setregid: 114, setresuid: 117, setresgid: 119, uselib: 134, personality: 135, vhangup: 153, pivot_root: 155, _sysctl: 156,
    acct: 163, settimeofday: 164, mount: 165, umount2: 166, swapon: 167, swapoff: 168, reboot: 169, iopl: 172, ioperm: 173,
    create_module: 174, init_module: 175, delete_module: 176, quotactl: 179, nfsservctl: 180, lookup_dcookie: 212, clock_settime: 227,
    kexec_load: 246, add_key: 248, request_key: 249, keyctl: 250, fchownat: 260, unshare: 272, perf_event_open: 298, fanotify_init: 300,
    open_by_handle_at: 304, setns: 308, finit_module: 313, kexec_file_load: 320, bpf: 321, userfaultfd: 323,
  },
};

/** biome-ignore format: a table */
const ARM64: Architecture = {
  audit: 0xc00000b7,
  numbers: {
    lookup_dcookie: 18, fcntl: 25, ioctl: 29, umount2: 39, mount: 40, pivot_root: 41, nfsservctl: 42, fchownat: 54, fchown: 55, vhangup: 58, quotactl: 60, acct: 89,
    personality: 92, unshare: 97, kexec_load: 104, init_module: 105, delete_module: 106, clock_settime: 112, syslog: 116, ptrace: 117, reboot: 142,
    setregid: 143, setgid: 144, setreuid: 145, setuid: 146, setresuid: 147, setresgid: 149,
    settimeofday: 170, socket: 198, socketpair: 199, add_key: 217, request_key: 218, keyctl: 219, clone: 220, swapon: 224, swapoff: 225,
    perf_event_open: 241, fanotify_init: 262, open_by_handle_at: 265, setns: 268, finit_module: 273, bpf: 280, userfaultfd: 282,
    kexec_file_load: 294,
  },
};

const EVERYWHERE: Readonly<Record<string, number>> = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  clone3: 435,
  mount_setattr: 442,
  quotactl_fd: 443,
  open_tree_attr: 467,
};

/** The youngest system call that was looked at. Younger ones "do not exist": programs then do it in the older way. */
const YOUNGEST = 469;

/** Refused whatever their arguments are. ENOSYS where programs have another way, or where the kernel dropped it long ago. */
const REFUSED: readonly (readonly [errno: number, names: readonly string[], why: string])[] = [
  [EPERM, ['keyctl', 'add_key', 'request_key'], 'the keyrings of the session are not part of any namespace'],
  [
    EPERM,
    ['bpf', 'perf_event_open', 'userfaultfd'],
    "look into the kernel, or help to win a race in it; most of a debugger's ptrace stays",
  ],
  [ENOSYS, ['io_uring_setup', 'io_uring_enter', 'io_uring_register'], 'does what other system calls do, past this filter'],
  [ENOSYS, ['clone3'], 'its flags lie behind a pointer, where a filter does not see them; libc falls back to clone'],
  [EPERM, ['mount', 'umount2', 'pivot_root', 'setns'], 'the view of the files stays as it was made'],
  [
    EPERM,
    ['open_tree', 'open_tree_attr', 'move_mount', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'mount_setattr'],
    'the younger ways to mount',
  ],
  [EPERM, ['open_by_handle_at', 'fanotify_init'], 'reach files past the mounts'],
  [EPERM, ['create_module', 'init_module', 'finit_module', 'delete_module', 'kexec_load', 'kexec_file_load'], 'change the kernel'],
  [EPERM, ['reboot', 'swapon', 'swapoff', 'acct', 'quotactl', 'quotactl_fd', 'vhangup', 'iopl', 'ioperm'], 'administer the machine'],
  [EPERM, ['syslog', 'settimeofday', 'clock_settime'], 'the log and the clock of the machine'],
  [ENOSYS, ['lookup_dcookie', 'nfsservctl', 'uselib', '_sysctl'], 'gone from today’s kernels'],
];

/** Flags of `clone` and `unshare` that make a namespace: time (unshare only), mount, cgroup, UTS, IPC, user, process, network. */
const NEW_NAMESPACE = 0x7e020000;
const NEW_TIME_NAMESPACE = 0x80;
/** Puts characters into the input of a terminal, as if somebody had typed them; the second is the console's way. */
const TIOCSTI = 0x5412;
const TIOCLINUX = 0x541c;
/**
 * A lease lets whoever opens the file wait for 45 s, again and again; a file that is only shown can be had one on, too, and by younger kernels a folder.
 * The last of fcntl's requests that was looked at.
 */
const F_SETLEASE = 1024;
const YOUNGEST_FCNTL = 1038;
/**
 * Requests to file systems that go past the mounts: what is shown of a subvolume leads to copies of the whole (btrfs, bcachefs), and a key that unlocks a
 * home stands in the file system, where every program of its user can take it away or leave another. Only copies of files are had of btrfs.
 */
const SUBVOLUMES = [0x9400, 0xbc00];
const COPIES_OF_FILES = [0x40049409, 0x4020940d, 0xc0189436];
const FS_KEYS = [0x800c6613, 0xc0506617, 0xc0406618, 0xc0406619];
const KIND_OF_REQUEST = 0xff00;
/** Requests of `ptrace`, and an option of it: to be stopped where it ends, by SIGKILL, too, until whoever asked for that has ended. */
const PTRACE = { attach: 16, oldSetOptions: 21, setOptions: 0x4200, seize: 0x4206 };
const STOP_AT_EXIT = 0x40;
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
/** What lists of interfaces are asked by; other protocols of AF_NETLINK talk to other parts of the kernel. */
const NETLINK_ROUTE = 0;
/** Plain Linux, PER_LINUX32, the old version number, no randomization (what debuggers ask for), and the question what it is now. */
const PERSONALITIES = [0, 0x8, 0x20000, 0x20008, 0x40000, 0xffffffff];

/**
 * Who gives files or itself to another owner is refused anyway, as only one user and group exist inside. The kernel says EINVAL there,
 * where it says EPERM outside: calls, and which of their arguments are users and groups.
 */
const OWNERS: readonly (readonly [names: readonly string[], users: readonly number[], groups: readonly number[]])[] = [
  [['setuid'], [0], []],
  [['setgid'], [], [0]],
  [['setreuid'], [0, 1], []],
  [['setregid'], [], [0, 1]],
  [['setresuid'], [0, 1, 2], []],
  [['setresgid'], [], [0, 1, 2]],
  [['chown', 'fchown', 'lchown'], [1], [2]],
  [['fchownat'], [2], [3]],
];
/** An owner that stays as it is. */
const UNCHANGED = 0xffffffff;

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** The architectures of which the numbers are known here, by the name that Node gives them. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = { x64: X64, arm64: ARM64 };

/**
 * The program in the bytes that the kernel reads; null for an architecture that is not known here.
 * @param sockets `none`: not even those by which programs of one machine talk to each other (docker's, an agent's), which no namespace covers
 */
export function seccompFilter(arch: string, user: User, sockets: 'usual' | 'none' = 'usual'): Buffer | null {
  const known = ARCHITECTURES[arch];
  return known ? encode(program(known, user, sockets === 'none' ? [] : [AF_UNIX, AF_INET, AF_INET6])) : null;
}

/** One instruction: operation, jumps when true and when false, constant. */
type Instruction = readonly [code: number, jt: number, jf: number, k: number];

const LOAD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_AT_LEAST = 0x35;
const JUMP_ANY_BIT = 0x45;
const AND = 0x54;
const RETURN = 0x06;

/** Where `struct seccomp_data` holds the number, the architecture and the lower half of an argument (both architectures are little-endian). */
const NUMBER = 0;
const ARCH = 4;
const argument = (index: number) => 16 + 8 * index;

const load = (offset: number): Instruction => [LOAD, 0, 0, offset];
const ret = (value: number): Instruction => [RETURN, 0, 0, value];
const ALLOW = ret(0x7fff0000);
/** A 32-bit program numbers its calls differently: nothing here would hold for it, so it does not run. */
const KILL = ret(0x80000000);
const fail = (errno: number) => ret(0x00050000 | errno);

function program({ audit, numbers }: Architecture, user: User, families: readonly number[]): Instruction[] {
  const all: Readonly<Record<string, number | undefined>> = { ...EVERYWHERE, ...numbers };
  const when = (name: string, then: readonly Instruction[]): Instruction[] => {
    const number = all[name];
    return number === undefined ? [] : [[JUMP_EQUAL, 0, then.length, number], ...then];
  };
  const refused = REFUSED.flatMap(([errno, names]) => names.flatMap((name) => when(name, [fail(errno)])));
  return [
    load(ARCH),
    [JUMP_EQUAL, 1, 0, audit],
    KILL,
    load(NUMBER),
    // Above all others are the numbers of the x32 mode of x86-64, too.
    [JUMP_AT_LEAST, 0, 1, YOUNGEST + 1],
    fail(ENOSYS),
    ...refused,
    ...when('clone', refuseBits(0, NEW_NAMESPACE)),
    ...when('unshare', refuseBits(0, (NEW_NAMESPACE | NEW_TIME_NAMESPACE) >>> 0)),
    ...when('ioctl', refuseRequests()),
    ...when('fcntl', [load(argument(1)), [JUMP_AT_LEAST, 0, 1, YOUNGEST_FCNTL + 1], fail(EINVAL), ...refuseValues(1, [F_SETLEASE])]),
    ...when('ptrace', refuseHolding()),
    ...when('personality', allowValues(0, PERSONALITIES, EPERM)),
    ...when('socket', [...(families.length > 0 ? allowNetlinkRoute() : []), ...allowValues(0, families, EAFNOSUPPORT)]),
    ...when('socketpair', allowValues(0, [AF_UNIX, AF_INET, AF_INET6], EAFNOSUPPORT)),
    ...OWNERS.flatMap(([names, users, groups]) => names.flatMap((name) => when(name, ownOwner(user, users, groups)))),
    ALLOW,
  ];
}

function ownOwner(user: User, users: readonly number[], groups: readonly number[]): Instruction[] {
  const owners = [...users.map((index) => [index, user.uid] as const), ...groups.map((index) => [index, user.gid] as const)];
  const looks = owners.flatMap(([index, own]): Instruction[] => [
    load(argument(index)),
    [JUMP_EQUAL, 2, 0, own],
    [JUMP_EQUAL, 1, 0, UNCHANGED],
    fail(EPERM),
  ]);
  return [...looks, ALLOW];
}

function refuseBits(index: number, bits: number): Instruction[] {
  return [load(argument(index)), [JUMP_ANY_BIT, 0, 1, bits], fail(EPERM), ALLOW];
}

function refuseValues(index: number, values: readonly number[]): Instruction[] {
  return [load(argument(index)), ...values.flatMap((value): Instruction[] => [[JUMP_EQUAL, 0, 1, value], fail(EPERM)]), ALLOW];
}

function refuseRequests(): Instruction[] {
  return [
    load(argument(1)),
    ...[TIOCSTI, TIOCLINUX, ...FS_KEYS].flatMap((value): Instruction[] => [[JUMP_EQUAL, 0, 1, value], fail(EPERM)]),
    ...COPIES_OF_FILES.flatMap((value): Instruction[] => [[JUMP_EQUAL, 0, 1, value], ALLOW]),
    [AND, 0, 0, KIND_OF_REQUEST],
    ...SUBVOLUMES.flatMap((value): Instruction[] => [[JUMP_EQUAL, 0, 1, value], fail(ENOTTY)]),
    ALLOW,
  ];
}

function allowValues(index: number, values: readonly number[], errno: number): Instruction[] {
  return [load(argument(index)), ...values.flatMap((value): Instruction[] => [[JUMP_EQUAL, 0, 1, value], ALLOW]), fail(errno)];
}

/**
 * A namespace ends with its first process, and nothing else ends it: nobody may hold that one. Two programs that hold each other where they end could be
 * ended by nobody at all.
 */
function refuseHolding(): Instruction[] {
  const refused = fail(EPERM);
  return [
    load(argument(0)),
    [JUMP_EQUAL, 1, 0, PTRACE.attach],
    [JUMP_EQUAL, 0, 3, PTRACE.seize],
    load(argument(1)),
    [JUMP_EQUAL, 0, 1, 1],
    refused,
    load(argument(0)),
    [JUMP_EQUAL, 2, 0, PTRACE.seize],
    [JUMP_EQUAL, 1, 0, PTRACE.setOptions],
    [JUMP_EQUAL, 0, 3, PTRACE.oldSetOptions],
    load(argument(3)),
    [JUMP_ANY_BIT, 0, 1, STOP_AT_EXIT],
    refused,
    ALLOW,
  ];
}

function allowNetlinkRoute(): Instruction[] {
  const right: Instruction[] = [load(argument(2)), [JUMP_EQUAL, 0, 1, NETLINK_ROUTE], ALLOW, fail(EAFNOSUPPORT)];
  return [load(argument(0)), [JUMP_EQUAL, 0, right.length, AF_NETLINK], ...right];
}

/** `struct sock_filter` each: 16 bits, 8, 8, 32, in the order of bytes that both architectures have. */
function encode(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(8 * instructions.length);
  for (const [index, [code, jt, jf, k]] of instructions.entries()) {
    bytes.writeUInt16LE(code, 8 * index);
    bytes.writeUInt8(jt, 8 * index + 2);
    bytes.writeUInt8(jf, 8 * index + 3);
    bytes.writeUInt32LE(k, 8 * index + 4);
  }
  return bytes;
}
