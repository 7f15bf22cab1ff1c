/** Texts of others in what the model is told: marked as what they are, and bounded. */
import { createHash } from 'node:crypto';
import { count } from '../../common/count-noun.ts';

/** The fence carries a hash of the content, so that no content can close it. */
export function fenced(label: string, content: string): string {
  const mark = createHash('sha256').update(content).digest('hex').slice(0, 8);
  return `<<${mark} ${label}\n${content.replace(/\n$/, '')}\n${mark}>>`;
}

/**
 * The beginning or the end of a text in whole lines, with a word about what is missing.
 * @param isFile whether its lines are those of a file, which can be read on
 */
export function cut(text: string, maxBytes: number, keep: 'head' | 'tail', isFile = false): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  const room = maxBytes - 60;
  if (keep === 'tail') return `[${bytes.length - room} bytes before this]\n${wholeLines(bytes.subarray(-room).toString(), 'tail')}`;
  const begin = bytes.subarray(0, room).toString();
  const kept = wholeLines(begin, 'head');
  const lines = kept.split('\n').length;
  const more = text.replace(/\n$/, '').split('\n').length - lines;
  const missing = [...(begin.includes('\n') ? [] : ['the rest of this line']), ...(more > 0 ? [count(more, 'more line')] : [])];
  return `${kept}\n[${missing.join(', ')}${isFile && more > 0 ? `: read from line ${lines + 1}` : ''}]`;
}

function wholeLines(text: string, keep: 'head' | 'tail'): string {
  const at = keep === 'head' ? text.lastIndexOf('\n') : text.indexOf('\n');
  // Of a single line the word goes that the cut went through: it may be half a secret.
  if (at < 0) return text.replaceAll('\ufffd', '').replace(keep === 'head' ? /(?<!\S)\S{1,4096}$/ : /^\S{1,4096}/, '');
  return keep === 'head' ? text.slice(0, at) : text.slice(at + 1);
}
