import { z } from 'zod';
import { OUTCOMES } from '../delegation/result/outcomes.ts';
import type { AttemptResult } from '../delegation/result/result-schema.ts';
import { maybeMessageSchema } from '../messages/message.ts';
import { type Refused, type ReportOptions, renderRefusal, renderReport } from './render-report.ts';

/** What a program reads of an answer, beside the text for the model, which never gets it. */
export const answerSchema = z.object({
  outcome: z.enum([...OUTCOMES, 'merged', 'previewed', 'applied', 'discarded', 'restored', 'refused']),
  reason: maybeMessageSchema,
  /** The files that a refusal is about. */
  files: z.array(z.string()).optional(),
});

export type AnswerData = z.infer<typeof answerSchema>;

export interface ToolAnswer {
  readonly text: string;
  readonly data?: AnswerData;
}

export function reportAnswer(result: AttemptResult, options: ReportOptions): ToolAnswer {
  return { text: renderReport(result, options), data: { outcome: result.outcome, reason: result.reason } };
}

export function refusalAnswer(refused: Refused): ToolAnswer {
  return { text: renderRefusal(refused), data: { outcome: refused.outcome, reason: refused.reason } };
}
