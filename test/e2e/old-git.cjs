// Loaded into a program by a test (--require): git is of the version in GIT_AS and refuses what came later; `none` = there is no git,
// `broken` = it does not even tell its version.
const fs = require('node:fs');
const processes = require('node:child_process');
const { gitWords } = require('../fakes/started-git.cjs');

const version = process.env.GIT_AS;
const isGit = (program) => /(^|\/)git$/.test(program);
const LATER = [
  ['merge-tree', '--write-tree'],
  ['worktree', '-z'],
  ['sparse-checkout', '--cone'],
];

const { spawn } = processes;
processes.spawn = (program, words, options) => {
  const instead = (script) => spawn('/bin/sh', ['-c', script], options);
  const git = gitWords(program, words);
  if (git === null) return spawn(program, words, options);
  if (version === 'broken') return instead('echo "xcode-select: note: No developer tools were found" >&2; exit 1');
  if (git.includes('version')) return instead(`echo 'git version ${version}'`);
  if (LATER.some((later) => later.every((word) => git.includes(word)))) return instead('echo "usage: git ..." >&2; exit 129');
  return spawn(program, words, options);
};

const { accessSync } = fs;
fs.accessSync = (file, mode) => {
  if (version === 'none' && isGit(String(file))) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  return accessSync(file, mode);
};
