/** Attributes by which git writes other characters into a working tree than those of the diff. */
import { basename } from 'node:path';
import { encodingNamed } from '../../common/text-codec.ts';
import { message } from '../../messages/message.ts';
import { quote } from './changed-text.ts';
import { blocking, type Rule } from './rule.ts';

const ENCODING = /\bworking-tree-encoding=(\S+)/g;

/** In UTF-7, `a + b` is written `a +- b`, and in EBCDIC a text is another one; those that people keep sources in leave ASCII as it is. */
export const recodedFiles: Rule = (files) =>
  files.flatMap((file) => {
    if (basename(file.path) !== '.gitattributes') return [];
    return file.added.flatMap(({ line, text }) => {
      const odd = [...text.matchAll(ENCODING)].find(([, name = '']) => encodingNamed(name) === null);
      return odd ? [blocking(message('integrity.recoded', { encoding: quote(odd[1]!, 40) }), file.path, line)] : [];
    });
  });
