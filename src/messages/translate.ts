import { type Language, type Message, say } from './message.ts';

/** Looks a text up in the language of the window; `{0}`, `{1}` ... stand for the arguments. `vscode.l10n.t` is one. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** The text as it is written in the code: English. */
export const inEnglish: Translate = (message, ...args) => message.replace(/\{(\d+)\}/g, (whole, n) => String(args[Number(n)] ?? whole));

/** What the program says of itself, in the language that `t` speaks: its texts tell which. */
export function messageText(message: Message, t: Translate): string {
  return say(message, languageOf(t));
}

const languageOf = (t: Translate): Language => (t('en') === 'zh-cn' ? 'zh-cn' : 'en');

/** Sentences behind one another; Chinese ones have no blank between them. */
export function joinSentences(all: readonly string[], t: Translate): string {
  return all.join(languageOf(t) === 'zh-cn' ? '' : ' ');
}
