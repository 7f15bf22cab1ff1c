import texts from '../../../l10n/bundle.l10n.zh-cn.json' with { type: 'json' };

/** The texts of the window, by what they say in English. */
export const CHINESE: Readonly<Record<string, string>> = texts;
