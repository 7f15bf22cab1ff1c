// Loaded into the server by a test (--require): the process that makes the commit cannot be started, for no reason that the
// program could know of.
const processes = require('node:child_process');

const { spawn } = processes;
processes.spawn = (program, words, options) => {
  if (Array.isArray(words) && words.includes('commit-tree')) throw new TypeError('broken for the test');
  return spawn(program, words, options);
};
