import type { Language } from '../messages/message.ts';

/** Chinese where the locale of the terminal is; `CLAUDE_KIMI_LANG` decides by itself. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const locale = env.CLAUDE_KIMI_LANG || env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return /^zh/i.test(locale) ? 'zh-cn' : 'en';
}
