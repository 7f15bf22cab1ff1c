/** Bytes of a file as text and back, so that what is not changed comes back byte for byte. */

/** `bytes`: not valid UTF-8; each character stands for one byte (Latin-1), so that foreign bytes survive an edit. */
export type Encoding = 'utf8' | 'utf16le' | 'utf16be' | 'bytes';

export interface DecodedText {
  /** Without the byte order mark. */
  readonly text: string;
  readonly encoding: Encoding;
  readonly bom: boolean;
}

const UTF8_BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const UTF16LE_BOM = Buffer.from([0xff, 0xfe]);
const UTF16BE_BOM = Buffer.from([0xfe, 0xff]);
/** git looks for a NUL in the first 8,000 bytes; so that our word for binary is git's. */
const BINARY_PROBE = 8_000;

/** `null` when the bytes are not text. */
export function decodeText(bytes: Buffer): DecodedText | null {
  const encoding = utf16Encoding(bytes);
  if (encoding !== null) {
    if (bytes.length % 2 !== 0) return null;
    const body = Buffer.from(bytes.subarray(2));
    return { text: (encoding === 'utf16be' ? body.swap16() : body).toString('utf16le'), encoding, bom: true };
  }
  if (looksBinary(bytes)) return null;
  const bom = bytes.subarray(0, 3).equals(UTF8_BOM);
  const body = bom ? bytes.subarray(3) : bytes;
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body), encoding: 'utf8', bom };
  } catch {
    return { text: body.toString('latin1'), encoding: 'bytes', bom };
  }
}

export function encodeText(decoded: DecodedText): Buffer {
  const { text, encoding, bom } = decoded;
  switch (encoding) {
    case 'utf8':
      return bom ? Buffer.concat([UTF8_BOM, Buffer.from(text, 'utf8')]) : Buffer.from(text, 'utf8');
    case 'bytes':
      return bom ? Buffer.concat([UTF8_BOM, Buffer.from(text, 'latin1')]) : Buffer.from(text, 'latin1');
    case 'utf16le':
      return Buffer.concat([UTF16LE_BOM, Buffer.from(text, 'utf16le')]);
    case 'utf16be':
      return Buffer.concat([UTF16BE_BOM, Buffer.from(text, 'utf16le').swap16()]);
  }
}

/** Whether the text can be written in the encoding; a file that is not UTF-8 takes only one-byte characters. */
export function canEncode(text: string, encoding: Encoding): boolean {
  return encoding !== 'bytes' || !/[^\u0000-\u00ff]/.test(text);
}

export function utf16Encoding(head: Buffer): 'utf16le' | 'utf16be' | null {
  const mark = head.subarray(0, 2);
  if (mark.equals(UTF16LE_BOM)) return 'utf16le';
  return mark.equals(UTF16BE_BOM) ? 'utf16be' : null;
}

export function looksBinary(head: Buffer): boolean {
  return head.subarray(0, BINARY_PROBE).includes(0);
}
