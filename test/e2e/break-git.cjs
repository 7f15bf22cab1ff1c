// Loaded into the server by a test (--require): notes in GIT_CALLS which commands of git are started, and lets the ones fail that
// BREAK_GIT names.
const fs = require('node:fs');
const processes = require('node:child_process');
const { commandOf, gitWords } = require('../fakes/started-git.cjs');

const { spawn } = processes;
processes.spawn = (program, words, options) => {
  const git = gitWords(program, words);
  if (git === null) return spawn(program, words, options);
  const command = commandOf(git);
  fs.appendFileSync(process.env.GIT_CALLS, `${command}\n`);
  if (fs.readFileSync(process.env.BREAK_GIT, 'utf8').trim() !== command) return spawn(program, words, options);
  return spawn('/bin/sh', ['-c', 'echo "fatal: broken for the test" >&2; exit 128'], options);
};
