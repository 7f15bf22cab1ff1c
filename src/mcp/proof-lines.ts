import { proofTexts } from '../delegation/result/proof-text.ts';
import type { AttemptResult } from '../delegation/result/result-schema.ts';
import { say } from '../messages/message.ts';
import { oneLine } from './escape-untrusted.ts';

/** What the tests of an attempt show, below its checks. */
export function proofLines(result: Pick<AttemptResult, 'proof'>): string[] {
  return proofTexts(result).map((text) => `  ${oneLine(say(text, 'en'), 400)}`);
}
