/** What a reviewer must know of a change before reading it: one rule a file, each a function of the changed texts. */
import { inTime, TookTooLong } from '../../common/in-time.ts';
import { message } from '../../messages/message.ts';
import type { ChangedText } from './changed-text.ts';
import { dependencies } from './dependencies.ts';
import { expectedResults } from './expected-results.ts';
import { fileKinds } from './file-kinds.ts';
import { guardedFiles } from './guarded-files.ts';
import { hiddenCharacters } from './hidden-characters.ts';
import { installScripts } from './install-scripts.ts';
import { limitsLowered } from './limits-lowered.ts';
import { recodedFiles } from './recoded-files.ts';
import { type Asked, blocking, type Finding, type Rule } from './rule.ts';
import { secrets } from './secrets.ts';
import { signatures } from './signatures.ts';
import { suppressions } from './suppressions.ts';
import { testTiming } from './test-timing.ts';
import { testsGone } from './tests-gone.ts';
import { testsOff } from './tests-off.ts';
import { testsWeakened } from './tests-weakened.ts';

const RULES: readonly Rule[] = [
  ...[hiddenCharacters, secrets, guardedFiles, recodedFiles, installScripts],
  ...[testsGone, testsOff, testsWeakened, expectedResults, limitsLowered, suppressions],
  ...[dependencies, signatures, fileKinds, testTiming],
];

/** So many of a kind are shown; the others are counted. */
const MOST_OF_A_KIND = 4;
/** Of all rules together: other attempts wait meanwhile. */
const MOST_MS = 6000;

/** @param mostMs tests have less patience */
export function judgeChange(files: readonly ChangedText[], asked: Asked, mostMs = MOST_MS): Finding[] {
  const end = performance.now() + mostMs;
  const slow: Rule[] = [];
  const found = RULES.flatMap((rule) => {
    try {
      return inTime(end - performance.now(), () => [...rule(files, asked)]);
    } catch (error) {
      if (!(error instanceof TookTooLong)) throw error;
      slow.push(rule);
      return [];
    }
  });
  if (slow.length > 0) found.unshift(blocking(message('integrity.slow', { count: slow.length, all: RULES.length }), files[0]!.path));
  return [...grouped(found, 'blocking'), ...grouped(found, 'note')];
}

function grouped(found: readonly Finding[], level: Finding['level']): Finding[] {
  const kinds = new Map<string, Finding[]>();
  for (const one of found) {
    if (one.level !== level) continue;
    const kind = kinds.get(one.text.code);
    if (kind) kind.push(one);
    else kinds.set(one.text.code, [one]);
  }
  return [...kinds.values()].flatMap((all) => {
    const last = all[MOST_OF_A_KIND - 1];
    if (!last || all.length === MOST_OF_A_KIND) return all;
    const text = message('integrity.more', { what: last.text, count: all.length - MOST_OF_A_KIND });
    return [...all.slice(0, MOST_OF_A_KIND - 1), { ...last, text }];
  });
}
