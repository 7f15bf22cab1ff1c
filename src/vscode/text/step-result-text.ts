import { isKillReason } from '../../delegation/result/result-text.ts';
import { message } from '../../messages/message.ts';
import { messageText, type Translate } from '../../messages/translate.ts';

/**
 * What came of a call of the model or of a run of a check, in the language of the window. The journal has it in the words that its writer
 * counts in; what is none of them is said as it stands there.
 */
export function stepResultText(said: string, t: Translate): string {
  return said
    .split(', ')
    .map((part) => partText(part, t))
    .join(', ');
}

function partText(part: string, t: Translate): string {
  const [, number = '', noun, among = ''] = /^(\d+) (line|file|place|hit)s?(?: (?:or more )?in (\d+ files?))?$/.exec(part) ?? [];
  if (noun) return [countText(Number(number), noun, part.includes(' or more'), t), among && partText(among, t)].filter(Boolean).join(' · ');
  const [, added, removed] = /^\+(\d+) -(\d+) lines$/.exec(part) ?? [];
  if (added && removed) return t('+{0} −{1} lines', added, removed);
  const [, how = '', seconds] = /^(.+) in ([\d.]+)s$/.exec(part) ?? [];
  if (seconds) return t('{0} in {1}s', partText(how, t), seconds);
  const [, code, signal = ''] = /^exit (\d+)( \(SIG\w+\))?$/.exec(part) ?? [];
  if (code) return `${messageText(message('result.exit', { code: Number(code) }), t)}${signal}`;
  const [, killed = part] = /^killed \((\w+)\)$/.exec(part) ?? [];
  if (isKillReason(killed)) return messageText(message(`result.stopped.${killed}`), t);
  const [, missed] = /^(\d+) not made$/.exec(part) ?? [];
  if (missed) return t('{0} not made', missed);
  return wordsText(part, t);
}

function countText(n: number, noun: string, orMore: boolean, t: Translate): string {
  switch (noun) {
    case 'line':
      return n === 1 ? t('1 line') : t('{0} lines', n);
    case 'file':
      return n === 1 ? t('1 file') : t('{0} files', n);
    case 'place':
      return n === 1 ? t('1 place') : t('{0} places', n);
    default:
      if (orMore) return t('{0} hits or more', n);
      return n === 1 ? t('1 hit') : t('{0} hits', n);
  }
}

function wordsText(words: string, t: Translate): string {
  switch (words) {
    case 'pass':
      return t('pass');
    case 'finished':
      return t('finished');
    case 'created':
      return t('created');
    case 'overwrote':
      return t('overwrote');
    case 'unchanged':
      return t('unchanged');
    case 'empty':
      return t('empty');
    case 'ignored by git':
      return t('ignored by git');
    case 'no match':
    case 'no hits':
      return t('no hits');
    case 'no such file':
      return t('no such file');
    case 'refused':
      return t('refused');
    case 'wrong arguments':
      return t('wrong arguments');
    case 'old_text not found':
      return t('the text to change was not found');
    case 'old_text is not unique':
      return t('the text to change stands there more than once');
    default:
      return words;
  }
}
