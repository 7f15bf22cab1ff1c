/**
 * In which encoding bytes are that are not UTF-8. A library tells by the statistics of whole texts; source files have a word or two in a
 * comment, so what is common in each encoding counts beside it.
 */
import { analyse } from 'chardet';
import type { ByteEncoding } from './byte-encodings.ts';

export interface Detected {
  readonly encoding: ByteEncoding | 'bytes';
  /** Another one that is as likely. */
  readonly doubt?: ByteEncoding;
}

const MOST_LOOKED_AT = 64 * 1024;
/** Below it a guess is worth nothing; so near to the best one another is as likely. */
const LEAST_SCORE = 0.5;
const NEAR = 0.12;
/** So likely that bytes which could be UTF-8 are an accident. */
const SURE = 0.7;

type Pair = (lead: number, trail: number) => boolean;
const between = (byte: number, from: number, to: number) => byte >= from && byte <= to;

const isHangul: Pair = (lead, trail) => trail >= 0xa1 && between(lead, 0xb0, 0xc8);

/** Pairs of bytes that make up nearly all of an ordinary text: signs, the letters, the frequent half of the ideographs. */
const COMMON: readonly (readonly [ByteEncoding, Pair])[] = [
  ['gbk', (lead, trail) => trail >= 0xa1 && (between(lead, 0xb0, 0xd7) || between(lead, 0xa1, 0xa3))],
  ['euc-kr', (lead, trail) => isHangul(lead, trail) || (trail >= 0xa1 && between(lead, 0xa1, 0xa3))],
  ['big5', (lead) => between(lead, 0xa1, 0xc6)],
  ['shift_jis', (lead, trail) => between(lead, 0x81, 0x83) || between(lead, 0x88, 0x97) || (lead === 0x98 && trail < 0x73)],
  ['euc-jp', (lead, trail) => trail >= 0xa1 && (between(lead, 0xa1, 0xa5) || between(lead, 0xb0, 0xcf))],
];

/** What hardly a text is without: the more pairs there are without it, the less likely is the encoding. */
const TELLING: Readonly<Partial<Record<ByteEncoding, { readonly pair: Pair; readonly usual: number }>>> = {
  gbk: { pair: (lead, trail) => !isHangul(lead, trail), usual: 0.3 },
  big5: { pair: (_, trail) => trail < 0x80, usual: 0.4 },
  'euc-jp': { pair: (lead) => between(lead, 0xa4, 0xa5), usual: 0.6 },
};
/** Files in these are rarer than those in GBK and Big5, in which the same bytes are ordinary, too. */
const RARER: Readonly<Partial<Record<ByteEncoding, number>>> = { 'euc-kr': 0.65, 'euc-jp': 0.75 };
/** Words of Korean stand apart, those of Chinese do not. */
const KOREAN_WORDS = /[\xb0-\xc8][\xa1-\xfe] [\xb0-\xc8][\xa1-\xfe]/;

/** The names that the library has for ours. */
const LIBRARY_NAMES: Readonly<Record<string, ByteEncoding>> = {
  GB18030: 'gbk',
  Big5: 'big5',
  Shift_JIS: 'shift_jis',
  'EUC-JP': 'euc-jp',
  'EUC-KR': 'euc-kr',
};

/** @param fits whether all of the bytes are in an encoding, and come back from it */
export function detectEncoding(bytes: Buffer, fits: (encoding: ByteEncoding) => boolean): Detected {
  const sample = bytes.subarray(0, MOST_LOOKED_AT);
  const said = new Map(analyse(sample).map(({ name, confidence }) => [LIBRARY_NAMES[name], confidence]));
  const scores: [ByteEncoding, number][] = [
    ...COMMON.map(([encoding, isCommon]): [ByteEncoding, number] => [
      encoding,
      pairScore(sample, encoding, isCommon) * (0.75 + (said.get(encoding) ?? 0) / 400),
    ]),
    ['windows-1251', cyrillic(sample, 'windows-1251')],
    ['koi8-r', cyrillic(sample, 'koi8-r')],
    ['iso-8859-1', western(sample)],
    ['windows-1252', western(sample)],
  ];
  const likely = scores.filter(([, score]) => score >= LEAST_SCORE).sort((a, b) => b[1] - a[1]);
  const fitting = likely.flatMap(([encoding, score]): [ByteEncoding, number][] => {
    if (fits(encoding)) return [[encoding, score]];
    return encoding === 'gbk' && fits('gb18030') ? [['gb18030', score]] : [];
  });
  const [best, next] = fitting;
  if (best === undefined || (best[1] < SURE && isBrokenUtf8(sample))) return { encoding: 'bytes' };
  // Latin-1 is a part of Windows-1252.
  const isDoubtful = next !== undefined && best[1] - next[1] < NEAR && !(best[0] === 'iso-8859-1' && next[0] === 'windows-1252');
  return { encoding: best[0], ...(isDoubtful && { doubt: next[0] }) };
}

/** More characters are whole than not. */
function isBrokenUtf8(bytes: Buffer): boolean {
  const signs = bytes.toString('utf8').match(/[^\x00-\x7f]/gu) ?? [];
  return signs.filter((sign) => sign !== '\ufffd').length > signs.length / 2;
}

function pairScore(bytes: Buffer, encoding: ByteEncoding, isCommon: Pair): number {
  const telling = TELLING[encoding];
  let pairs = 0;
  let common = 0;
  let told = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at]!;
    if (lead < 0x80) continue;
    pairs += 1;
    if (encoding === 'shift_jis' && between(lead, 0xa1, 0xdf)) continue; // half-width, which is rare
    const trail = bytes[at + 1] ?? 0;
    if (encoding === 'gbk' && between(trail, 0x30, 0x39)) {
      // Four bytes of GB 18030, which nothing else looks like.
      if ((bytes[at + 2] ?? 0) > 0x80 && between(bytes[at + 3] ?? 0, 0x30, 0x39)) [common, told] = [common + 1, told + 1];
      at += 3;
      continue;
    }
    if (isCommon(lead, trail)) common += 1;
    if (telling?.pair(lead, trail)) told += 1;
    at += 1;
  }
  const isKorean = encoding === 'euc-kr' && KOREAN_WORDS.test(bytes.toString('latin1'));
  const share = (common / Math.max(1, pairs)) * (isKorean ? 0.8 : (RARER[encoding] ?? 1));
  return telling === undefined || told > 0 ? share : share * (1 - 0.45 * (1 - (1 - telling.usual) ** pairs));
}

/** Without the quotes and dashes around it: from either end, as an expression would begin anew at each of thousands. */
function withoutSigns(word: string): string {
  let [from, to] = [0, word.length];
  while (from < to && '«“„—–№'.includes(word[from]!)) from++;
  while (to > from && '»”“…—'.includes(word[to - 1]!)) to--;
  return word.slice(from, to);
}

/** Words of Cyrillic letters, of which only the first is a capital, or (more rarely) all. */
function cyrillic(bytes: Buffer, encoding: 'windows-1251' | 'koi8-r'): number {
  const text = new TextDecoder(encoding).decode(bytes);
  const high = text.match(/[^\x00-\x7f]/g)?.length ?? 0;
  let sane = 0;
  for (const [word] of text.matchAll(/(?<![A-Za-z])[^\x00-\x7f]+(?![A-Za-z])/g)) {
    const letters = withoutSigns(word);
    if (/^[А-ЯЁЇІЄҐ]?[а-яёїієґў]+$/.test(letters)) sane += word.length * (letters.length > 2 ? 1 : 0.6);
    else if (/^[А-ЯЁ]+$/.test(letters)) sane += word.length * (letters.length > 4 ? 0.7 : 0.4);
  }
  // Half of all ideographs in GBK are small letters in KOI8-R.
  const enough = encoding === 'koi8-r' ? Math.min(1, 0.5 + high / 40) : 1;
  return (sane / Math.max(1, high)) * enough;
}

/** Accented letters among plain ones, and the signs that stand beside them. */
function western(bytes: Buffer): number {
  const text = bytes.toString('latin1');
  const high = text.match(/[\x80-\xff]/g)?.length ?? 0;
  const usual = text.match(
    /(?<=[A-Za-z])[\xc0-\xff](?![\x80-\xff]{2})|(?<![\x80-\xff])[\xc0-\xff](?=[A-Za-z])|(?<![\x80-\xff])[\x80\x82-\x8c\x8e\x91-\x9c\x9e-\xff](?![\x80-\xff])/g,
  );
  // As the letters of DOS and of old Macs are read then: Gr\x94áe.
  const odd = text.match(
    /(?<=[a-z])[\x8a\x8c\x8e\x9f]|(?<=[A-Za-z])[\x80\x82-\x84\x86-\x89\x8b\x93-\x95\x98\x99\x9b\xa1-\xac\xae-\xb6\xb8-\xbf\xd7\xf7](?=[A-Za-z\xc0-\xff])/g,
  );
  return Math.max(0, (usual?.length ?? 0) - 2 * (odd?.length ?? 0)) / Math.max(1, high);
}
