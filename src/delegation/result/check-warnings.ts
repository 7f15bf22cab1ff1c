/** What the report warns of where checks may say less than they seem to. */
import { holds, testsOf } from '../../checks/definition/judge-definition.ts';
import { blocking } from '../../checks/integrity/rule.ts';
import type { CheckComparison } from '../../checks/types.ts';
import { type Message, message, shortList } from '../../messages/message.ts';
import type { AttemptResult } from './result-schema.ts';
import { checkRunText } from './result-text.ts';

type Check = AttemptResult['checks'][number];

type Warning = AttemptResult['warnings'][number];

export function checkWarnings(checks: readonly Check[]): Warning[] {
  return checks.flatMap((check) => [
    ...definitionWarnings(check),
    ...oldTestsWarnings(check),
    ...fewerTests(check),
    ...rewritten(check),
    ...definitionNote(check),
    ...flakyNote(check),
  ]);
}

/** So many files are named; the others are counted. */
const MOST_FILES = 4;

/** One for each changed file. */
function definitionWarnings({ command, definition, result }: Check): Warning[] {
  if (!definition || holds(definition.verdict)) return [];
  const what = whatHappened(definition, result);
  const { files, unknown = [] } = definition;
  const more = files.length - MOST_FILES;
  return files.slice(0, MOST_FILES).map((file, at) => {
    const code = unknown.includes(file) ? 'integrity.mayDefine' : 'integrity.definition';
    const text = message(code, { command: `\`${command}\``, what });
    return blocking(more > 0 && at === MOST_FILES - 1 ? message('integrity.more', { what: text, count: more }) : text, file);
  });
}

/** One that names its files and what fails of them. */
function oldTestsWarnings({ command, base, oldTests }: Check): Warning[] {
  if (!oldTests) return [];
  const { verdict, files, failing, run, asked, fresh } = oldTests;
  const [file = ''] = files;
  const others = files.length > 1 ? message('oldTests.others', { files: shortList(files.slice(1), 3) }) : '';
  const args = { command: `\`${command}\`` };
  const tests = failing.length > 0 ? shortList(failing, 3) : message('result.checkFails');
  const numbers = { put: checkRunText(run), before: checkRunText(base) };
  const what = {
    fail: message('oldTests.fail', { ...args, tests }),
    do_not_load: message('oldTests.doNotLoad', args),
    fewer: message('oldTests.fewer', { ...args, ...numbers }),
    stopped: message('oldTests.stopped', { ...args, put: numbers.put }),
    not_run: message('oldTests.notRun', args),
  }[verdict];
  if (fresh) return [blocking(message('integrity.newTests', { ...args, tests, put: numbers.put }), file)];
  return asked
    ? [{ level: 'note', text: message('warning.oldTestsAsked', { what, others }), place: { file } }]
    : [blocking(message('integrity.oldTests', { what, others }), file)];
}

function whatHappened({ verdict, run }: NonNullable<Check['definition']>, result: Check['result']): Message {
  const numbers = { now: checkRunText(result), put: checkRunText(run) };
  switch (verdict) {
    case 'stopped':
      return message('definition.stopped', { put: numbers.put });
    case 'not_run':
      return message('definition.notRun');
    case 'fewer':
    case 'hides':
      return message('definition.otherTests', numbers);
    default:
      return message('definition.fails', { put: numbers.put });
  }
}

function definitionNote({ command, definition, result }: Check): Warning[] {
  if (!definition || !holds(definition.verdict)) return [];
  const args = { command: `\`${command}\``, files: shortList(definition.files, 3) };
  if (definition.verdict === 'new') return [{ level: 'note', text: message('warning.definitionNew', args) }];
  const numbers = { ...args, now: checkRunText(result), put: checkRunText(definition.run) };
  return [
    { level: 'note', text: message(definition.verdict === 'same' ? 'warning.definitionSame' : 'warning.definitionBaseTests', numbers) },
  ];
}

function flakyNote({ command, flaky }: Check): Warning[] {
  if (!flaky) return [];
  const tests = flaky.failing.length > 0 ? shortList(flaky.failing, 3) : message('result.checkFails');
  const args = { command: `\`${command}\``, tests };
  return [{ level: 'note', text: flaky.on === 'base' ? message('warning.flakyOnBase', args) : message('warning.flaky', args) }];
}

/** A check that passes on other files than those of the branch, and did not write these on the base. */
function rewritten({ command, base, result, verdict }: Check): Warning[] {
  if ((verdict !== 'pass' && verdict !== 'fixed') || base === null) return [];
  const known = new Set(base.rewrote);
  const files = (result?.rewrote ?? []).filter((file) => !known.has(file));
  const [first] = files;
  if (first === undefined) return [];
  const text = message('integrity.rewritten', { command: `\`${command}\``, files: shortList(files, 3) });
  // A formatter that writes runs no tests.
  return testsOf(result) > 0 ? [blocking(text, first)] : [{ level: 'note', text, place: { file: first } }];
}

/** A check that passes with fewer tests than the base ran: some are gone, or are not found any more. */
function fewerTests({ command, base, result, verdict, definition, oldTests }: CheckComparison): Warning[] {
  if (verdict !== 'pass' && verdict !== 'fixed') return [];
  const [before, now] = [testsOf(base), testsOf(result)];
  if (before <= now || (definition && !holds(definition.verdict))) return [];
  const args = { command: `\`${command}\``, before: checkRunText(base), now: checkRunText(result) };
  // As many as the task asks to remove, with what they tested.
  const level = before - now <= (oldTests?.removed ?? 0) ? 'note' : 'blocking';
  return [{ level, text: message('warning.fewerTests', args) }];
}
