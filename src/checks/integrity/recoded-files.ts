/** Encodings by which other characters stand in a working tree, or are read there, than those of the diff. */
import { basename, extname } from 'node:path';
import { type Encoding, encodingNamed } from '../../common/text-codec.ts';
import { message } from '../../messages/message.ts';
import { type ChangedText, linesOf, quote } from './changed-text.ts';
import { blocking, type Finding, type Rule } from './rule.ts';

const ENCODING = /\bworking-tree-encoding=(\S+)/g;

/**
 * Those that leave ASCII as it is, and write no other character with bytes of it. In UTF-7, `a + b` is written `a +- b`; in UTF-16 the Chinese characters
 * of a diff are a script to what reads bytes, and in GBK, Big5 and Shift_JIS a backtick or a bar is half of some.
 */
const isPlain = (encoding: Encoding) => encoding === 'utf-8' || /^(?:euc-|windows-|koi8-|iso-8859-|ibm866)/.test(encoding);

export const recodedFiles: Rule = (files) =>
  files.flatMap((file) => (basename(file.path).toLowerCase() === '.gitattributes' ? byAttribute(file) : byPython(file)));

function byAttribute({ path, from, after, added }: ChangedText): Finding[] {
  // Under another name, or in another folder, nothing of it held before.
  const lines = from === path ? added : linesOf(after ?? '').map((text, at) => ({ line: at + 1, text }));
  return lines.flatMap(({ line, text }) => {
    const odd = [...text.matchAll(ENCODING)].find(([, name = '']) => {
      const known = encodingNamed(name);
      return known === null || !isPlain(known.encoding);
    });
    return odd ? [blocking(message('integrity.recoded', { encoding: quote(odd[1]!, 40) }), path, line)] : [];
  });
}

/** Python reads on by what one of the first two lines says: by `utf-7`, `unicode_escape` and codecs that packages bring, a comment holds code. */
const SAID = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;
const isAscii = (name: string) => /^(?:us[-_]?ascii|ascii|utf[-_]?8[-_]sig)$/i.test(name);

function byPython({ path, before, after }: ChangedText): Finding[] {
  if (!/^(?:\.py[\w]?|)$/.test(extname(path).toLowerCase()) || after === null) return [];
  const name = saidIn(after);
  if (name === undefined || name === saidIn(before ?? '') || encodingNamed(name) !== null || isAscii(name)) return [];
  return [blocking(message('integrity.readAs', { encoding: quote(name, 40) }), path)];
}

function saidIn(text: string): string | undefined {
  const lines = text.slice(0, 2000).split(/\r\n|\r|\n/, 2);
  return lines.map((line) => SAID.exec(line)?.[1]).find((name) => name !== undefined);
}
