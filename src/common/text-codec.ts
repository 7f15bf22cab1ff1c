/** Bytes of a file as text and back, so that what is not changed comes back byte for byte. The one way, for everything that is read or written. */
import { BYTE_ENCODINGS, type ByteEncoding, decodeBytes, encodeBytes, unencodableIn } from './byte-encodings.ts';
import { detectEncoding } from './detect-encoding.ts';

/** `bytes`: in no encoding that is known; each character stands for one byte (Latin-1), so that foreign bytes survive an edit. */
export type Encoding = 'utf-8' | WideEncoding | 'bytes' | ByteEncoding;
type WideEncoding = 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be';

export interface DecodedText {
  /** Without the byte order mark. */
  readonly text: string;
  readonly encoding: Encoding;
  readonly bom: boolean;
  /** What else the bytes may be, when too few of them tell; nothing but ASCII can be put in then. */
  readonly doubt?: Encoding;
}

const MARKS: readonly (readonly [Encoding, Buffer])[] = [
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
  // Before UTF-16, whose mark is the beginning of it.
  ['utf-32le', Buffer.from([0xff, 0xfe, 0, 0])],
  ['utf-32be', Buffer.from([0, 0, 0xfe, 0xff])],
  ['utf-16le', Buffer.from([0xff, 0xfe])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
];
/** git looks for a NUL in the first 8,000 bytes; so that our word for binary is git's. */
const BINARY_PROBE = 8_000;

/**
 * `null` when the bytes are not text.
 * @param declared what the repository says of the file; believed where the bytes are so
 */
export function decodeText(bytes: Buffer, declared: Encoding | null = null): DecodedText | null {
  const mark = MARKS.find(([, sign]) => bytes.subarray(0, sign.length).equals(sign));
  if (mark !== undefined) {
    const body = bytes.subarray(mark[1].length);
    const text = decodeAs(body, mark[0]);
    if (text !== null && !(isWide(mark[0]) && holdsAscii(bytes))) return { text, encoding: mark[0], bom: true };
    if (mark[0] === 'utf-8') return looksBinary(body) ? null : { text: body.toString('latin1'), encoding: 'bytes', bom: true };
  }
  const isBinary = looksBinary(bytes);
  const plain = isBinary ? null : decodeAs(bytes, 'utf-8');
  if (plain !== null && isSwitched(plain)) return { text: plain, encoding: 'bytes', bom: false };
  if (plain !== null && !(declared !== null && isAscii(plain))) return { text: plain, encoding: 'utf-8', bom: false };
  if (declared !== null && isBinary === isWide(declared)) {
    const text = decodeAs(bytes, declared);
    if (text !== null) return { text, encoding: declared, bom: false };
  }
  if (isBinary) return unmarkedWide(bytes);
  const { encoding, doubt } = detectEncoding(bytes, (one) => decodeAs(bytes, one) !== null);
  return { text: decodeAs(bytes, encoding)!, encoding, bom: false, ...(doubt && { doubt }) };
}

export function encodeText({ text, encoding, bom }: Pick<DecodedText, 'text' | 'encoding' | 'bom'>): Buffer {
  // Bytes of no known encoding behind the mark of UTF-8 keep that.
  const mark = bom ? MARKS.find(([one]) => one === (encoding === 'bytes' ? 'utf-8' : encoding))?.[1] : undefined;
  const body = encodeBody(text, encoding);
  return mark === undefined ? body : Buffer.concat([mark, body]);
}

/** For a file that comes in pieces of whole units (four bytes hold each of them). */
export function decoderOf(encoding: Encoding): (piece: Buffer) => string {
  if (encoding === 'utf-32le' || encoding === 'utf-32be') return (piece) => decodeUtf32(piece, encoding) ?? '\ufffd';
  const decoder = new TextDecoder(encoding === 'bytes' ? 'latin1' : encoding);
  return (piece) => decoder.decode(piece, { stream: true });
}

/** What is larger is taken for UTF-8: to detect an encoding takes about a second for each 10 MB. */
export const LARGEST_DECODED = 2 * 1024 * 1024;

/** Text of a known encoding as UTF-8, for readers that know no other; other bytes as they are. */
export function asUtf8(bytes: Buffer): Buffer {
  const decoded = bytes.length <= LARGEST_DECODED ? decodeText(bytes) : null;
  return decoded === null || decoded.encoding === 'utf-8' || decoded.encoding === 'bytes' ? bytes : Buffer.from(decoded.text, 'utf8');
}

/** The first character that cannot be put into the text; `null` when all can. */
export function unencodable(text: string, { encoding, doubt }: Pick<DecodedText, 'encoding' | 'doubt'>): string | null {
  if (encoding === 'bytes' || doubt !== undefined) return /[^\x00-\x7f]/u.exec(text)?.[0] ?? null;
  // Half of a character would silently become another one.
  if (encoding.startsWith('utf-')) return /[\ud800-\udfff]/u.exec(text)?.[0] ?? null;
  return unencodableIn(text, encoding as ByteEncoding);
}

/** How an encoding is told to the model; `null` when it goes without saying. */
export function encodingNote({ encoding, doubt }: Pick<DecodedText, 'encoding' | 'doubt'>): string | null {
  if (encoding === 'utf-8') return null;
  if (encoding === 'bytes') return 'in no known encoding: shown as Latin-1, and only ASCII can be put in';
  if (doubt !== undefined)
    return `encoding: probably ${encoding}, perhaps ${doubt}; only ASCII can be put in, unless .editorconfig or .gitattributes says which`;
  return `encoding: ${encoding}; edits keep it`;
}

/** What a name stands for in .editorconfig, .gitattributes and the like. */
export interface Declared {
  readonly encoding: Encoding;
  /** Whether a new file begins with the mark; git refuses `UTF-16` without one, and `UTF-16LE` with one. */
  readonly bom: boolean;
}

export function encodingNamed(name: string): Declared | null {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const encoding =
    (Object.hasOwn(NAMES, plain) ? NAMES[plain] : undefined) ?? BYTE_ENCODINGS.find((one) => one.replace(/[^a-z0-9]/g, '') === plain);
  return encoding === undefined ? null : { encoding, bom: plain.endsWith('bom') || plain === 'utf16' || plain === 'utf32' };
}

const NAMES: Readonly<Record<string, Encoding>> = {
  utf8: 'utf-8',
  utf8bom: 'utf-8',
  utf16le: 'utf-16le',
  utf16lebom: 'utf-16le',
  utf16be: 'utf-16be',
  utf16: 'utf-16le',
  utf32le: 'utf-32le',
  utf32lebom: 'utf-32le',
  utf32be: 'utf-32be',
  utf32: 'utf-32le',
  gb2312: 'gbk',
  cp936: 'gbk',
  big5hkscs: 'big5',
  cp950: 'big5',
  sjis: 'shift_jis',
  cp932: 'shift_jis',
  windows31j: 'shift_jis',
  cp949: 'euc-kr',
  eucjp: 'euc-jp',
  ...Object.fromEntries([1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258].map((page) => [`cp${page}`, `windows-${page}` as Encoding])),
  cp874: 'windows-874',
  cp866: 'ibm866',
  latin1: 'iso-8859-1',
  latin2: 'iso-8859-2',
  latin3: 'iso-8859-3',
  latin4: 'iso-8859-4',
  latin6: 'iso-8859-10',
  latin7: 'iso-8859-13',
  latin8: 'iso-8859-14',
  latin9: 'iso-8859-15',
  latin10: 'iso-8859-16',
};

/** ISO 2022 and its like: escapes say what the ASCII behind them stands for, so nothing else can be put in. */
const isSwitched = (text: string): boolean => /\x1b(?:\$[@AB]|\$\([@-D]|\([IJ]|\$\)[ACG])/.test(text) && isAscii(text);

export const isAscii = (text: string): boolean => !/[^\x00-\x7f]/.test(text);

export function looksBinary(head: Buffer): boolean {
  return head.subarray(0, BINARY_PROBE).includes(0);
}

/** The text, when it is in this encoding and comes back byte for byte; else `null`. */
function decodeAs(bytes: Buffer, encoding: Encoding): string | null {
  switch (encoding) {
    case 'utf-8':
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        return null;
      }
    case 'bytes':
      return bytes.toString('latin1');
    case 'utf-16le':
      return bytes.length % 2 === 0 ? bytes.toString('utf16le') : null;
    case 'utf-16be':
      return bytes.length % 2 === 0 ? Buffer.from(bytes).swap16().toString('utf16le') : null;
    case 'utf-32le':
    case 'utf-32be':
      return decodeUtf32(bytes, encoding);
    default: {
      const text = decodeBytes(bytes, encoding);
      return text !== null && unencodableIn(text, encoding) === null && encodeBytes(text, encoding).equals(bytes) ? text : null;
    }
  }
}

function encodeBody(text: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text, 'utf8');
    case 'bytes':
      return Buffer.from(text, 'latin1');
    case 'utf-16le':
      return Buffer.from(text, 'utf16le');
    case 'utf-16be':
      return Buffer.from(text, 'utf16le').swap16();
    case 'utf-32le':
    case 'utf-32be':
      return encodeUtf32(text, encoding);
    default:
      return encodeBytes(text, encoding);
  }
}

/** Without a mark: whoever reads it so sees whole characters of a text, and a line end or blank among them. */
function unmarkedWide(bytes: Buffer): DecodedText | null {
  if (holdsAscii(bytes)) return null;
  for (const encoding of ['utf-32le', 'utf-32be', 'utf-16le', 'utf-16be'] as const) {
    const text = decodeAs(bytes, encoding);
    if (text?.isWellFormed() && /[\n ]/.test(text) && !/[^\P{C}\n\r\t\f\u200b-\u200f\ufeff]/u.test(text))
      return { text, encoding, bom: false };
  }
  return null;
}

const isWide = (encoding: Encoding): encoding is WideEncoding => /^utf-(16|32)/.test(encoding);

/**
 * A text for whoever reads bytes, as shells do, behind a mark that says UTF-16: it would be shown as other signs. Ideographs have two such
 * bytes, too, but hardly twelve of them in a row.
 */
const holdsAscii = (bytes: Buffer): boolean => /[\t\n\r\x20-\x7e]{24}/.test(bytes.toString('latin1'));

function decodeUtf32(bytes: Buffer, encoding: 'utf-32le' | 'utf-32be'): string | null {
  if (bytes.length % 4 !== 0) return null;
  const signs: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const code = encoding === 'utf-32le' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return null;
    signs.push(String.fromCodePoint(code));
  }
  return signs.join('');
}

function encodeUtf32(text: string, encoding: 'utf-32le' | 'utf-32be'): Buffer {
  const codes = Array.from(text, (sign) => sign.codePointAt(0)!);
  const bytes = Buffer.alloc(codes.length * 4);
  for (const [at, code] of codes.entries()) {
    if (encoding === 'utf-32le') bytes.writeUInt32LE(code, at * 4);
    else bytes.writeUInt32BE(code, at * 4);
  }
  return bytes;
}
