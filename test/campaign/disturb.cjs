// Loaded into the server by the campaign (--require). DISTURB tells what goes wrong, as JSON: at the `at`-th thing that the server does
// to the disk or starts (counted from 1, only below `folder`, and git and the sandbox), the process dies, the call fails, git fails or
// hangs, or the clock jumps. The number of things done is written to `count` at the end.
const fs = require('node:fs');
const processes = require('node:child_process');
const { gitWords } = require('../fakes/started-git.cjs');
const path = require('node:path');

const plan = JSON.parse(process.env.DISTURB ?? '{}');
let done = 0;

const MESSAGES = {
  ENOSPC: [-28, 'no space left on device'],
  EIO: [-5, 'i/o error'],
  EACCES: [-13, 'permission denied'],
  EMFILE: [-24, 'too many open files'],
  EROFS: [-30, 'read-only file system'],
};

function fault(syscall, file) {
  const [errno, text] = MESSAGES[plan.code];
  const error = new Error(`${plan.code}: ${text}, ${syscall}${file ? ` '${file}'` : ''}`);
  return Object.assign(error, { errno, code: plan.code, syscall, ...(file ? { path: file } : {}) });
}

/** Counts one thing; says whether it is (or follows, for faults that stay) the one that goes wrong. */
function isDue() {
  done++;
  if (plan.kind === 'die' && done === plan.at) {
    process.kill(process.pid, 'SIGKILL');
    for (;;); // the signal comes at once, but not before the next instruction
  }
  if (plan.kind === 'clock' && done === plan.at) shiftClock();
  return done >= plan.at && done < plan.at + (plan.times ?? 1);
}

function shiftClock() {
  const { now } = Date;
  const Plain = Date;
  const shifted = class extends Plain {
    constructor(...words) {
      if (words.length === 0) super(now() + plan.by);
      else super(...words);
    }
    static now() {
      return now() + plan.by;
    }
  };
  globalThis.Date = shifted;
}

const descriptors = new Set();
const isOurs = (file) => {
  if (typeof file === 'number') return descriptors.has(file);
  const text = Buffer.isBuffer(file) ? file.toString() : file instanceof URL ? file.pathname : file;
  return typeof text === 'string' && path.resolve(text).startsWith(plan.folder);
};
const isWriting = (flags) => (typeof flags === 'number' ? (flags & 0o1103) !== 0 : /[wa+]/.test(flags ?? 'r'));

/** Whether this call is one that fails. */
const fails = (file) => isOurs(file) && isDue() && plan.kind === 'disk';

const CHANGES = [
  'appendFile',
  'chmod',
  'copyFile',
  'cp',
  'link',
  'mkdir',
  'mkdtemp',
  'rename',
  'rm',
  'rmdir',
  'symlink',
  'truncate',
  'unlink',
  'utimes',
  'writeFile',
];

for (const name of CHANGES) {
  const sync = `${name}Sync`;
  const plainSync = fs[sync];
  if (plainSync)
    fs[sync] = (file, ...rest) => {
      if (fails(file)) throw fault(name, String(file));
      return plainSync(file, ...rest);
    };
  const plainPromise = fs.promises[name];
  if (plainPromise)
    fs.promises[name] = async (file, ...rest) => {
      if (fails(file)) throw fault(name, String(file));
      return plainPromise(file, ...rest);
    };
  const plain = fs[name];
  if (plain)
    fs[name] = (file, ...rest) => {
      if (fails(file)) return void process.nextTick(rest.at(-1), fault(name, String(file)));
      return plain(file, ...rest);
    };
}

const { openSync, closeSync } = fs;
fs.openSync = (file, flags, ...rest) => {
  const ours = isOurs(file) && isWriting(flags);
  if (ours && fails(file)) throw fault('open', String(file));
  const fd = openSync(file, flags, ...rest);
  if (ours) descriptors.add(fd);
  return fd;
};
fs.closeSync = (fd) => {
  descriptors.delete(fd);
  return closeSync(fd);
};
for (const name of ['writeSync', 'writevSync', 'fsyncSync', 'fdatasyncSync', 'ftruncateSync']) {
  const plain = fs[name];
  fs[name] = (fd, ...rest) => {
    if (fails(fd)) {
      // A full disk takes the beginning of a line and no more.
      if (name === 'writeSync' && typeof rest[0] === 'string' && plan.code === 'ENOSPC') plain(fd, rest[0].slice(0, rest[0].length >> 1));
      throw fault(name.replace('Sync', ''));
    }
    return plain(fd, ...rest);
  };
}
const { open } = fs.promises;
fs.promises.open = async (file, flags, ...rest) => {
  if (isWriting(flags) && fails(file)) throw fault('open', String(file));
  return open(file, flags, ...rest);
};

const HOW = {
  fails: 'echo "fatal: disturbed" >&2; exit 128',
  dies: 'kill -9 $$',
  hangs: 'trap "" TERM; echo hangs >>"$0"; while :; do sleep 1; done',
};
const { spawn } = processes;
processes.spawn = (program, words, options) => {
  const isGit = gitWords(program, words) !== null;
  if (!isGit && !/(^|\/)(bwrap|unshare)$/.test(program)) return spawn(program, words, options);
  const due = isDue();
  if (due && plan.kind === 'disk' && plan.code === 'EMFILE') throw fault('spawn', program);
  if (!due || plan.kind !== 'git' || !isGit) return spawn(program, words, options);
  return spawn('/bin/sh', ['-c', HOW[plan.how], plan.hung], options);
};

require('node:module').syncBuiltinESMExports();
process.on('exit', () => openSync && plan.count && fs.writeFileSync(plan.count, String(done)));
