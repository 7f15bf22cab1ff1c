import { askedBy } from '../../../src/checks/integrity/asked.ts';
import { type ChangedText, changedText } from '../../../src/checks/integrity/changed-text.ts';
import type { Asked, Finding, Rule } from '../../../src/checks/integrity/rule.ts';

export const NOTHING_ASKED = askedBy([], []);

/** `null` = the file is not there on that side. */
export const file = (path: string, before: string | null, after: string | null): ChangedText => changedText({ path, before, after });

/** What a rule says of files: `! tests/a.ts:3 integrity.testsOff`. */
export function said(rule: Rule, files: readonly ChangedText[], asked: Asked = NOTHING_ASKED): string[] {
  return [...rule(files, asked)].map(lineOf);
}

const lineOf = ({ level, text, place }: Finding) =>
  `${level === 'blocking' ? '! ' : ''}${place.file}${place.line ? `:${place.line}` : ''} ${text.code.replace('integrity.', '')}`;
