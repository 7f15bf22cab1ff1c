import { type Language, type Message, message, say } from './message.ts';

/** Looks a text up in the language of the window; `{0}`, `{1}` ... stand for the arguments. `vscode.l10n.t` is one. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** The text as it is written in the code: English. */
export const inEnglish: Translate = (text, ...args) => text.replace(/\{(\d+)\}/g, (whole, n) => String(args[Number(n)] ?? whole));

/** The same for questions: a name with a line break, of a folder or a file, would end a sentence there and begin another one. */
export const withNamesInLine =
  (t: Translate): Translate =>
  (text, ...args) =>
    t(text, ...args.map((one) => (typeof one === 'string' ? one.replaceAll('\n', '\\x0a').replaceAll('\t', '\\x09') : one)));

/** What the program says of itself, in the language that `t` speaks: its texts tell which. */
export function messageText(words: Message, t: Translate): string {
  return say(words, languageOf(t));
}

const languageOf = (t: Translate): Language => (t('en') === 'zh-cn' ? 'zh-cn' : 'en');

/** Names in a row, with the comma of the language between them. */
export function joinNames(names: readonly string[], t: Translate): string {
  return messageText(message('text', { text: names }), t);
}

/** Sentences behind one another; Chinese ones have no blank between them. */
export function joinSentences(all: readonly string[], t: Translate): string {
  return all.join(languageOf(t) === 'zh-cn' ? '' : ' ');
}
