// Loaded into the server by a test (--require): the git whose command HANG_GIT names (from its SKIP-th start on: `read-tree 2`) hangs and
// does not end when it is asked to; it writes its number into HUNG. The long waits for git are short; LONGEST_GIT_MS shortens its time limit.
const fs = require('node:fs');
const processes = require('node:child_process');
const { commandOf, gitWords } = require('../fakes/started-git.cjs');

const SHORT = {
  15000: 300,
  2000: 200,
  ...(process.env.LONGEST_GIT_MS && { 600000: +process.env.LONGEST_GIT_MS, 120000: +process.env.LONGEST_GIT_MS }),
};
const { setTimeout } = globalThis;
globalThis.setTimeout = (act, ms, ...rest) => setTimeout(act, SHORT[ms] ?? ms, ...rest);

let starts = 0;
const { spawn } = processes;
processes.spawn = (program, words, options) => {
  const git = gitWords(program, words);
  if (git === null) return spawn(program, words, options);
  const [command, skip = 0] = fs.readFileSync(process.env.HANG_GIT, 'utf8').split(' ');
  const isIt = commandOf(git) === command;
  if (!isIt || starts++ < Number(skip)) return spawn(program, words, options);
  return spawn('/bin/sh', ['-c', 'trap "" TERM; echo $$ >>"$HUNG"; while :; do sleep 60; done'], {
    ...options,
    env: { ...options.env, HUNG: process.env.HUNG },
  });
};
