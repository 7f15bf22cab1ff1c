// For what is loaded into a server by a test (--require): which git a call of `spawn` starts, by itself or behind bubblewrap.

const isGit = (program) => /(^|\/)git$/.test(program);

/** The arguments of git, or null where something else is started. */
exports.gitWords = (program, words) => {
  if (isGit(program)) return words;
  if (!/(^|\/)bwrap$/.test(program)) return null;
  const at = words.indexOf('--') + 1;
  return at > 0 && isGit(words[at] ?? '') ? words.slice(at + 1) : null;
};

/** `for-each-ref` of `--no-pager --git-dir=/z for-each-ref ...`. */
exports.commandOf = (words) => words.find((word) => !word.startsWith('-'));
