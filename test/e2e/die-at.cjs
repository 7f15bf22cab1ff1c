// Loaded into the server by a test (--require): the process kills itself as SIGKILL from outside would, at a moment that DIE_AT names:
// `line:7` in the middle of writing the seventh line of the journal, `git:update-ref` when that git is started,
// `rename:result.json` before and `renamed:result.json` after that file gets its name.
const fs = require('node:fs');
const processes = require('node:child_process');

const [kind, what] = (process.env.DIE_AT ?? '').split(':');
const die = () => {
  process.kill(process.pid, 'SIGKILL');
  for (;;); // the signal comes at once, but not before the next instruction
};

let lines = 0;
const { writeSync, renameSync } = fs;
fs.writeSync = (fd, data, ...rest) => {
  if (kind === 'line' && typeof data === 'string' && data.startsWith('{"at":') && ++lines === Number(what)) {
    writeSync(fd, data.slice(0, data.length >> 1));
    die();
  }
  return writeSync(fd, data, ...rest);
};
fs.renameSync = (from, to) => {
  if (kind === 'rename' && String(to).endsWith(what)) die(); // some paths are bytes
  renameSync(from, to);
  if (kind === 'renamed' && String(to).endsWith(what)) die();
};

const { spawn } = processes;
processes.spawn = (program, words, options) => {
  const child = spawn(program, words, options);
  if (
    kind === 'git' &&
    Array.isArray(words) &&
    words.includes(what) &&
    words.some((word) => word.startsWith('refs/heads/') || what !== 'update-ref')
  )
    die();
  return child;
};
