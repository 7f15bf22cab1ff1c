import type { SimpleCommand } from './parse-shell.ts';

/** Programs that run the program named after their options: how many words stand before it. */
const WRAPPERS: Readonly<Record<string, { readonly withValue: string; readonly operands: number }>> = {
  command: { withValue: '', operands: 0 },
  builtin: { withValue: '', operands: 0 },
  exec: { withValue: 'a', operands: 0 },
  env: { withValue: 'uCS', operands: 0 },
  nohup: { withValue: '', operands: 0 },
  setsid: { withValue: '', operands: 0 },
  time: { withValue: 'fo', operands: 0 },
  nice: { withValue: 'n', operands: 0 },
  ionice: { withValue: 'cnp', operands: 0 },
  stdbuf: { withValue: 'ioe', operands: 0 },
  timeout: { withValue: 'ks', operands: 1 },
  xargs: { withValue: 'adEILnPs', operands: 0 },
  busybox: { withValue: '', operands: 0 },
};

/** The words from the program on that really runs: without assignments and wrappers. */
export function unwrap(words: SimpleCommand): SimpleCommand {
  let at = 0;
  for (;;) {
    const word = words[at];
    if (word === undefined) return [];
    const wrapper = WRAPPERS[word.slice(word.lastIndexOf('/') + 1)];
    if (/^\w+\+?=/.test(word)) at++;
    else if (wrapper) at = afterOptions(words, at + 1, wrapper.withValue) + wrapper.operands;
    else return words.slice(at);
  }
}

/** The place of the first word from `at` on that is no option. */
function afterOptions(words: SimpleCommand, at: number, withValue: string): number {
  for (let index = at; index < words.length; index++) {
    const word = words[index]!;
    if (word === '--') return index + 1;
    if (!word.startsWith('-') || word === '-') return index;
    if (word.length === 2 && withValue.includes(word[1]!)) index++;
  }
  return words.length;
}
