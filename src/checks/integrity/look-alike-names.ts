/** Words that look like others, as some of their letters are those of another script. */

export const NOT_ASCII = /[^\x00-\x7f]/;
/** A Latin letter beside a Cyrillic one that looks like another Latin one. */
const MIXED = /[A-Za-z][аеорсухіѕјһԁԛАВЕКМНОРСТУХІЅЈ][\p{L}\w]*|[аеорсухіѕјһԁԛАВЕКМНОРСТУХІЅЈ][A-Za-z][\p{L}\w]*/u;
const WORD = /[\p{L}\w$]+/gu;
/** `URLов`: an ending of another language, as comments have it, or one by which it is plain that it is of that. */
const WITH_ENDING = /^[A-Z][A-Z0-9]+s?(\p{Script=Cyrillic}+)$/u;
const HAS_OWN = /[^аеорсухіѕјһԁԛАВЕКМНОРСТУХІЅЈ]/u;

/**
 * Letters that look like Latin ones: of Cyrillic, Greek (but those by which science names things), Armenian, Cherokee, Coptic and Lisu, small
 * capitals and letters of phonetics. In names of code none is meant beside a Latin letter, nor a whole word of them.
 */
const TWIN =
  /[\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u04bb\u0501\u051b\u051d\u04ae\u04af\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0405\u0408\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf\u03c5\u03b9\u03f2\u03f3\u0555\u054d\u053c\u0585\u057d\u0578\u0581\u0570\u13a0-\u13f5\uab70-\uabbf\u2c80-\u2ce4\ua4d0-\ua4f7\u1d00-\u1d22\u0251\u0261\u01c3]/u;
const ALL_TWINS = new RegExp(`^(?:${TWIN.source}|[\\d_$])+$`, 'u');
const GREEK_IN_WORD = /[\u03bd\u03c1][a-z]{3}|[a-z]{3}[\u03bd\u03c1]/;
/** Latin ones in a form that looks the same in an editor, and that Python reads as the plain one. */
const PLAIN_TWIN = /[\uff21-\uff3a\uff41-\uff5a\u{1d5a0}-\u{1d6a3}]/u;

/** In any text. @param isComment whether it is one, in which words of another language have endings of their own */
export function lookAlikeIn(text: string, isComment: () => boolean): string | undefined {
  for (const [word] of text.matchAll(WORD)) {
    const found = MIXED.exec(word)?.[0];
    const ending = found && WITH_ENDING.exec(word)?.[1];
    if (found && !(ending && (HAS_OWN.test(ending) || isComment()))) return found;
  }
  return undefined;
}

/** In code, without comments and texts. */
export function twinIn(code: string): string | undefined {
  for (const [word] of code.matchAll(WORD)) {
    if (!NOT_ASCII.test(word)) continue;
    const isMixed = /[A-Za-z]/.test(word) && (TWIN.test(word) || GREEK_IN_WORD.test(word));
    if (isMixed || PLAIN_TWIN.test(word) || (ALL_TWINS.test(word) && (word.match(/\p{L}/gu) ?? []).length > 1)) return word;
  }
  return undefined;
}
