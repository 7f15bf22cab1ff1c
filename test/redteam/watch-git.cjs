// Loaded into the server by a test (--require): notes in WATCH_LOG each git that is started while a process lives whose command line
// holds WATCH_MARK; `seen` first, so that the test knows that it looked.
const fs = require('node:fs');
const processes = require('node:child_process');
const { gitWords } = require('../fakes/started-git.cjs');

const lives = () =>
  fs.readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(process.env.WATCH_MARK);
    } catch {
      return false;
    }
  });

const { spawn } = processes;
processes.spawn = (program, words, options) => {
  const git = gitWords(program, words);
  if (git !== null) fs.appendFileSync(process.env.WATCH_LOG, lives() ? `living: ${git.join(' ')}\n` : 'seen\n');
  return spawn(program, words, options);
};
