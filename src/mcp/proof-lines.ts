import { proofTexts } from '../delegation/result/proof-text.ts';
import type { AttemptResult } from '../delegation/result/result-schema.ts';
import { say } from '../messages/message.ts';
import { line } from './report-text.ts';

/** What the tests of an attempt do not show, and the faults that they missed, below its checks; the line that decides says the rest. */
export function proofLines({ proof, checks }: Pick<AttemptResult, 'proof' | 'checks'>): string[] {
  const { redToGreen, mutants } = proof ?? {};
  const isShownByCheck = checks.some(({ verdict }) => verdict === 'fixed');
  const rest = {
    redToGreen: redToGreen && 'notShown' in redToGreen && !isShownByCheck ? redToGreen : undefined,
    mutants: mutants && ('notShown' in mutants || mutants.survived.length > 0) ? mutants : undefined,
  };
  return proofTexts({ proof: rest }).map((text) => `  ${line(say(text, 'en'), 400)}`);
}
