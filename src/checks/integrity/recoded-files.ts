/** Attributes by which git writes other characters into a working tree than those of the diff. */
import { basename } from 'node:path';
import { type Encoding, encodingNamed } from '../../common/text-codec.ts';
import { message } from '../../messages/message.ts';
import { quote } from './changed-text.ts';
import { blocking, type Rule } from './rule.ts';

const ENCODING = /\bworking-tree-encoding=(\S+)/g;

/**
 * Those that leave ASCII as it is, and write no other character with bytes of it. In UTF-7, `a + b` is written `a +- b`; in UTF-16 the Chinese characters
 * of a diff are a script to what reads bytes, and in GBK, Big5 and Shift_JIS a backtick or a bar is half of some.
 */
const isPlain = (encoding: Encoding) => encoding === 'utf-8' || /^(?:euc-|windows-|koi8-|iso-8859-|ibm866)/.test(encoding);

export const recodedFiles: Rule = (files) =>
  files.flatMap((file) => {
    if (basename(file.path).toLowerCase() !== '.gitattributes') return [];
    return file.added.flatMap(({ line, text }) => {
      const odd = [...text.matchAll(ENCODING)].find(([, name = '']) => {
        const known = encodingNamed(name);
        return known === null || !isPlain(known.encoding);
      });
      return odd ? [blocking(message('integrity.recoded', { encoding: quote(odd[1]!, 40) }), file.path, line)] : [];
    });
  });
