/**
 * Encodings in which a character has one to four bytes and ASCII is itself. Decoded by the ICU of Node; the way back is what that decodes,
 * turned round, so the two always agree and no tables are carried along.
 */

export const BYTE_ENCODINGS = [
  'gbk',
  'gb18030',
  'big5',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'windows-1251',
  'koi8-r',
  'windows-1252',
  'iso-8859-1',
  // These hold where the repository says so; nothing is taken for one of them, as a few words could be in several.
  'windows-1250',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'windows-874',
  'iso-8859-2',
  'iso-8859-3',
  'iso-8859-4',
  'iso-8859-5',
  'iso-8859-6',
  'iso-8859-7',
  'iso-8859-8',
  'iso-8859-10',
  'iso-8859-13',
  'iso-8859-14',
  'iso-8859-15',
  'iso-8859-16',
  'ibm866',
] as const;
export type ByteEncoding = (typeof BYTE_ENCODINGS)[number];

/** `null` when the bytes cannot be in this encoding. */
export function decodeBytes(bytes: Buffer, encoding: ByteEncoding): string | null {
  if (encoding === 'iso-8859-1') return bytes.some((byte) => byte >= 0x80 && byte < 0xa0) ? null : bytes.toString('latin1');
  if (encoding === 'windows-1252') return bytes.toString('latin1').replace(/[\x80-\x9f]/g, (sign) => CURLY[sign.charCodeAt(0) - 0x80]!);
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null; // other bytes, or a Node that was built without this encoding
  }
}

/** @param text holds nothing that `unencodableIn` would name */
export function encodeBytes(text: string, encoding: ByteEncoding): Buffer {
  const table = tableOf(encoding);
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) bytes.push(code);
    else bytes.push(...(table.get(character) ?? fourBytes(code)));
  }
  return Buffer.from(bytes);
}

/** The first character that the encoding does not have. */
export function unencodableIn(text: string, encoding: ByteEncoding): string | null {
  const table = tableOf(encoding);
  for (const [character] of text.matchAll(/[^\x00-\x7f]/gu)) {
    if (!table.has(character) && !(encoding === 'gb18030' && character.codePointAt(0)! > 0xffff)) return character;
  }
  return null;
}

/** What stands at 0x80 to 0x9f in Windows-1252; by hand, as some versions of Node take it for Latin-1. */
const CURLY = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

const tables = new Map<ByteEncoding, ReadonlyMap<string, readonly number[]>>();

function tableOf(encoding: ByteEncoding): ReadonlyMap<string, readonly number[]> {
  const known = tables.get(encoding);
  if (known !== undefined) return known;
  const table = new Map<string, readonly number[]>();
  for (const sequences of sequencesOf(encoding)) {
    const characters = decodeEach(sequences, encoding);
    for (const [at, character] of characters.entries()) {
      // Where two have the same character, encoders take the first one.
      if (character !== '\ufffd' && [...character].length === 1 && !table.has(character)) table.set(character, sequences[at]!);
    }
  }
  tables.set(encoding, table);
  return table;
}

/** One character each, decoded in one go. */
function decodeEach(sequences: readonly (readonly number[])[], encoding: ByteEncoding): string[] {
  if (encoding === 'iso-8859-1') return sequences.map(([byte]) => (byte! < 0xa0 ? '\ufffd' : String.fromCharCode(byte!)));
  if (encoding === 'windows-1252') return sequences.map((one) => decodeBytes(Buffer.from(one), encoding)!);
  const all = Buffer.from(sequences.flatMap((one) => [...one, 0x0a]));
  return new TextDecoder(encoding).decode(all).split('\n').slice(0, -1);
}

function* sequencesOf(encoding: ByteEncoding): Iterable<number[][]> {
  yield range(0x80, 0xff).map((byte) => [byte]);
  if (/^(windows|koi8|iso|ibm)/.test(encoding)) return;
  // The standard part of Big5 goes before its additions, and the IBM signs of Shift-JIS before NEC's copy of them.
  const first =
    encoding === 'big5' ? range(0xa1, 0xfe) : range(0x81, 0xfe).filter((lead) => encoding !== 'shift_jis' || lead >> 1 !== 0x76);
  const leads = [...first, ...range(0x81, 0xfe).filter((lead) => !first.includes(lead))];
  yield leads.flatMap((lead) => range(0x40, 0xfe).map((trail) => [lead, trail]));
  if (encoding === 'euc-jp') yield range(0xa1, 0xfe).flatMap((second) => range(0xa1, 0xfe).map((third) => [0x8f, second, third]));
  if (encoding === 'gb18030') {
    for (const one of range(0x81, 0x84)) {
      for (const two of range(0x30, 0x39))
        yield range(0x81, 0xfe).flatMap((three) => range(0x30, 0x39).map((four) => [one, two, three, four]));
    }
  }
}

/** Characters beyond U+FFFF lie one after the other in GB 18030. */
function fourBytes(code: number): number[] {
  const at = code - 0x10000 + 189_000;
  return [0x81 + Math.floor(at / 12_600), 0x30 + (Math.floor(at / 1_260) % 10), 0x81 + (Math.floor(at / 10) % 126), 0x30 + (at % 10)];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, at) => from + at);
}
