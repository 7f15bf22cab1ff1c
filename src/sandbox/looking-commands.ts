import type { SimpleCommand } from './parse-shell.ts';

const LOOKING = new Set(
  'cat head tail sed awk nl less grep rg ls find tree diff cmp wc sort uniq cut tr echo printf cd pwd file strings xxd od jq'.split(' '),
);
const GIT_LOOKS = new Set(['show', 'diff', 'log', 'blame', 'grep', 'status', 'ls-files', 'ls-tree', 'cat-file', 'rev-parse']);

/** Whether a command only shows what is there, or text of its own. */
export function onlyLooks([program = '', ...args]: SimpleCommand): boolean {
  return program === 'git' ? GIT_LOOKS.has(args.find((arg) => !arg.startsWith('-')) ?? '') : LOOKING.has(program);
}
