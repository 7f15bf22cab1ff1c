/** Whether a task asks for other tests than the base has, so that they need not pass as they were. */
import { basename } from 'node:path';
import { isTestPath } from '../test-files.ts';
import type { Asked } from './rule.ts';

const VERBS =
  '(?:updat|adjust|adapt|chang|rewrit|rework|replac|renam|mov|migrat|convert|port|refactor|simplif|split|merg|remov|delet|dropp?|align|revis|correct|regenerat)(?:e|es|ing|s|y|ies)?';
/** What may stand between them; a failing test is not changed by who is asked to fix it. */
const BETWEEN =
  '(?:(?:the|its|their|all|any|every|each|both|old|existing|affected|corresponding|related|relevant|matching|outdated|obsolete|current|unit|integration|e2e|end-to-end|snapshot|expected|golden|and|or|callers?|docs?|documentation|usages?|references?|imports?|examples?|code|call sites?),? |, ?){0,8}';
const TESTS =
  '(?:tests?|specs?|test (?:files?|cases?|suites?)|expectations?|assertions?|snapshots?|fixtures?)\\b(?!\\(|`| (?:api|commands?|endpoints?|functions?|loaders?|methods?|modes?|options?|pars\\w+|routes?|servers?|stores?)\\b)';
const SHOULD =
  '(?:(?:should|must|may|will|can|needs? to|ha(?:s|ve) to) (?:also )?(?:change|be (?:updated|changed|adjusted|adapted|rewritten|replaced|removed)))';
/** "Update the tests", "its expectations must be adjusted"; to add some, or to mend what fails, changes none. */
const CHANGES = new RegExp(
  `\\b${VERBS} ${BETWEEN}${TESTS}|\\b${TESTS} (?:(?:in|of|for) \\S+ )?${SHOULD}|(?:更新|修改|调整|改写|重写|替换|重命名|同步)(?:所有|现有|相关|相应|对应|旧|的|单元|这些|其)*(?:测试|断言|期望|预期|快照|用例)|(?:测试|断言|期望|预期|快照|用例)(?:也|都)?(?:需要|需|应|要|必须)(?:一并|相应|同步|随之)?(?:更新|修改|调整|改写)`,
  'i',
);
const WORD = /[\p{L}\p{N}_$]+|[^\s\p{L}\p{N}_$]/gu;
/** Files of more words are not compared. */
const MOST_WORDS = 50_000;

/**
 * @param before the text of a file on the base
 * @param after null = it is gone
 */
export function asksForChange({ task }: Pick<Asked, 'task'>, path: string, before: string, after: string | null): boolean {
  if (
    CHANGES.test(task) ||
    new RegExp(`\\b${VERBS} ${BETWEEN}["'\`]?(?:[\\w./-]*/)?${literally(basename(path))}(?![\\w.-]*\\w)`, 'i').test(task)
  )
    return true;
  return after !== null && isTestPath(path) && isSameButFor(wordsOf(before), wordsOf(after), new Set(wordsOf(task)));
}

const literally = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|-]/g, '\\$&');
const wordsOf = (text: string): string[] => text.match(WORD) ?? [];

/** Whether each word that is another one was named, and so is what it became: `hello` -> `hi`, a name of a function, a number, `CalcTest` where calc was. */
function isSameButFor(before: readonly string[], after: readonly string[], named: ReadonlySet<string>): boolean {
  if (before.length !== after.length || before.length > MOST_WORDS) return false;
  const became = new Map<string, string>();
  const parts = [...named].filter((word) => /^[\p{L}_]{3,}$/u.test(word)).slice(0, MOST_NAMED);
  let left = MOST_WITHIN;
  const isSameWordButFor = (old: string, now: string) => {
    const inOld = parts.filter((one) => old.toLowerCase().includes(one.toLowerCase()));
    return left-- > 0 && inOld.some((one) => parts.some((other) => withinWord(old, one, other) === now));
  };
  return before.every((old, at) => {
    const now = after[at]!;
    if (old === now) return !became.has(old) || /^\d/.test(old);
    if (!/[\p{L}\p{N}_$]/u.test(old)) return false;
    if (!named.has(old) || !named.has(now)) return isSameWordButFor(old, now);
    // Of a file that has another name the path alone becomes another one: `../src/add.js`.
    if (before[at - 1] === '/') return true;
    const known = became.get(old) ?? now;
    became.set(old, now);
    return known === now;
  });
}

const MOST_NAMED = 40;
/** Of more words that became others only in part a file is another one. */
const MOST_WITHIN = 2000;

/** `calcTest`, `CalcTest`, `CALC_TEST` with another name in the place of `calc`. */
function withinWord(word: string, one: string, other: string): string | null {
  if (one === other) return null;
  const first = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  const forms = [(text: string) => text, (text: string) => text.toLowerCase(), first, (text: string) => text.toUpperCase()];
  return forms.reduce((text, form) => text.replaceAll(form(one), form(other)), word);
}
