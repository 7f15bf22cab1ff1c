import { type Message, message, type PlainCode } from '../messages/message.ts';

/** What a journal says of the end of a call, as the tools write it. */
const WORDS: Readonly<Record<string, PlainCode>> = {
  refused: 'cli.result.refused',
  'no match': 'cli.result.noMatch',
  'no hits': 'cli.result.noHits',
  empty: 'cli.result.empty',
  finished: 'cli.result.finished',
  unchanged: 'cli.result.unchanged',
  failed: 'cli.result.failed',
  cancelled: 'cli.result.cancelled',
  'not run': 'cli.result.notRun',
  'no such file': 'cli.result.noFile',
  'no such folder': 'cli.result.noFolder',
  'not a folder': 'cli.result.notAFolder',
  'is a file': 'cli.result.isAFile',
  'not a readable file': 'cli.result.notReadable',
  'past the end': 'cli.result.pastEnd',
  'too big': 'cli.result.tooBig',
  binary: 'cli.result.binary',
  'not read yet': 'cli.result.notReadYet',
  'needs a filter': 'cli.result.needsFilter',
  'no such place': 'cli.result.noPlace',
  'out of time': 'cli.result.outOfTime',
  'search failed': 'cli.result.searchFailed',
  'bad pattern': 'cli.result.badPattern',
  'bad glob': 'cli.result.badGlob',
  'several lines': 'cli.result.severalLines',
  'nothing to search': 'cli.result.nothingToSearch',
  'nothing to change': 'cli.result.nothingToChange',
  'edits overlap': 'cli.result.editsOverlap',
  'edit is unclear': 'cli.result.editUnclear',
  'old_text is not unique': 'cli.result.oldTextNotUnique',
  'old_text not found': 'cli.result.oldTextNotFound',
  'wrong arguments': 'cli.result.wrongArguments',
  'no workspace': 'cli.result.noWorkspace',
  'withheld text': 'cli.result.withheld',
  'cannot be encoded': 'cli.result.cannotEncode',
  timeout: 'cli.result.timeout',
  memory: 'cli.result.memory',
  processes: 'cli.result.processes',
  disk: 'cli.result.disk',
  pass: 'cli.result.pass',
  'by a signal': 'cli.result.bySignal',
};

/** Its other forms, with what they count and name. */
const FORMS: readonly (readonly [RegExp, (...found: string[]) => Message])[] = [
  [/^(\d+) lines?$/, (count) => message('cli.result.lines', { count: count! })],
  [/^(\d+) files?$/, (count) => message('cli.result.files', { count: count! })],
  [/^(\d+) places?$/, (count) => message('cli.result.places', { count: count! })],
  [/^(\d+) hits?$/, (count) => message('cli.result.hits', { count: count! })],
  [/^(\d+) hits or more$/, (count) => message('cli.result.hitsOrMore', { count: count! })],
  [
    /^(\d+ hits?.*) in (\d+ files?)$/,
    (hits, files) => message('cli.result.hitsIn', { hits: resultText(hits!), files: resultText(files!) }),
  ],
  [
    /^(\d+ places?), \+(\d+) -(\d+) lines$/,
    (places, added, removed) => message('cli.result.changed', { places: resultText(places!), added: added!, removed: removed! }),
  ],
  [/^(\d+ files?), (\d+) failed$/, (files, failed) => message('cli.result.someFailed', { files: resultText(files!), failed: failed! })],
  [/^(.+), (\d+) not made$/, (done, left) => message('cli.result.notMade', { done: resultText(done!), left: left! })],
  [/^created, (.+)$/, (lines) => message('cli.result.created', { lines: resultText(lines!) })],
  [/^overwrote, (.+)$/, (lines) => message('cli.result.overwrote', { lines: resultText(lines!) })],
  [/^(.+) in ([\d.]+s)$/, (result, time) => message('cli.result.took', { result: resultText(result!), time: time! })],
  [/^(.+) new tests on the base$/, (result) => message('cli.result.testsOnBase', { result: resultText(result!) })],
  [/^(.+) once more$/, (result) => message('cli.result.onceMore', { result: resultText(result!) })],
  [/^(.+) with the definition of the base$/, (result) => message('cli.result.withDefinition', { result: resultText(result!) })],
  [/^(.+) the same code, written otherwise$/, (result) => message('cli.result.writtenOtherwise', { result: resultText(result!) })],
  [/^(.+) new tests alone$/, (result) => message('cli.result.testsAlone', { result: resultText(result!) })],
  [/^(.+) mutant (\d+) of (\d+)$/, (result, n, all) => message('cli.result.mutant', { result: resultText(result!), n: n!, all: all! })],
  [
    /^(.+) mutant (\d+) of (\d+): is its line run$/,
    (result, n, all) => message('cli.result.mutantLine', { result: resultText(result!), n: n!, all: all! }),
  ],
  [/^exit by a signal(.*)$/, () => message('cli.result.bySignal')],
  [/^exit (.+)$/, (code) => message('cli.result.exit', { code: code! })],
  [/^killed \((.+)\)$/, (why) => message('cli.result.killed', { why: resultText(why!) })],
  [/^refused: (.+)$/, (rule) => message('cli.result.refusedBy', { rule: rule! })],
];

/** The same as a message. Journals hold it in English, as they are read by people and by the loop; what is not known here stays so. */
export function resultText(written: string): Message {
  const code = Object.hasOwn(WORDS, written) ? WORDS[written] : undefined;
  if (code) return message(code);
  for (const [form, read] of FORMS) {
    const found = form.exec(written);
    if (found) return read(...found.slice(1));
  }
  return message('text', { text: written });
}
