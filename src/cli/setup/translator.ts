import type { Language } from '../../messages/message.ts';
import { inEnglish, type Translate, withNamesInLine } from '../../messages/translate.ts';

/** The texts that the set-up shares with the window, in the language of the terminal. */
export async function translator(language: Language): Promise<Translate> {
  if (language === 'en') return withNamesInLine(inEnglish);
  const { CHINESE } = await import('./chinese.ts');
  return withNamesInLine((text, ...args) => inEnglish(CHINESE[text] ?? text, ...args));
}
