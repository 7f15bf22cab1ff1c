/** The rules of the loop, told once more and as briefly as can be: what must come of a random script of turns with faults. */
import { BREAKS, type Fault, REFUSALS } from '../fakes/kimi/scenario.ts';
import { longText } from './harness.ts';

export interface Step {
  act: 'read' | 'write' | 'command' | 'think' | 'say' | 'unknown' | 'two';
  fault: Fault | undefined;
}

/** Refusals that end an attempt, and how. */
export const FINAL: Partial<Record<Fault, string>> = {
  '429_tpd': 'rate_limited',
  '429_quota': 'quota_exhausted',
  '400_content_filter': 'content_refused',
  '401': 'auth_failed',
  '402': 'quota_exhausted',
  '403': 'auth_failed',
  '404_model': 'auth_failed',
  redirect: 'api_unreachable',
  web_page: 'api_unreachable',
  quota_frame: 'quota_exhausted',
  content_filter_finish: 'content_refused',
};
/** No answer came of them: the same request is sent again, and the next turn answers it. */
const UNANSWERED: readonly (Fault | undefined)[] = [...REFUSALS, ...BREAKS].filter((fault) => !FINAL[fault]);

/** What the write of a step puts into the file. */
export const contentOf = (at: number, size: number) => `count ${at} 计数🧮 ${longText(size, at * size)}`;

interface Expected {
  /** What an attempt may end with: one way, or also `step_limit` where the server refused the history as too large. */
  outcomes: Set<string>;
  /** The file in the end, when the attempt finished. */
  content: string;
}

/** For an attempt in one life, with room enough for every answer. */
export function expectedOf(steps: readonly Step[], size: number): Expected {
  const expected: Expected = { outcomes: new Set(), content: 'count 0' };
  const end = (outcome: string) => {
    expected.outcomes.add(outcome);
    return expected;
  };
  let [cuts, nothings, reads, edits] = [0, 0, 0, 0];
  let [unproven, bounced] = [false, false];
  for (const [at, { act, fault }] of steps.entries()) {
    if (fault && FINAL[fault]) return end(FINAL[fault]);
    if (fault === '400_overflow' || fault === '413') expected.outcomes.add('step_limit');
    if (UNANSWERED.includes(fault)) continue;
    const isCall = !['think', 'say'].includes(act);
    if (fault === 'length_cut') {
      cuts++;
      if (cuts === 4) return end('loop_detected');
      if (act === 'two') nothings = 0;
      if (act === 'two') reads++;
      if (reads === 12) return end('loop_detected');
      continue;
    }
    cuts = 0;
    const isLost =
      fault === 'empty_answer' ||
      fault === 'markup_in_text' ||
      fault === 'markup_in_reasoning' ||
      (isCall ? fault === 'nameless_call' : fault === 'empty_tool_name' || act === 'think');
    if (isLost) {
      nothings++;
      if (nothings === 3) return end('loop_detected');
      continue;
    }
    nothings = 0;
    if (act === 'say') {
      if (bounced || (edits > 0 && !unproven)) return end('finished');
      bounced = true;
      continue;
    }
    const isBroken = fault === 'broken_json';
    if (act === 'two' || (act === 'read' && !isBroken)) reads++;
    if (reads === 12) return end('loop_detected');
    if (isBroken) continue;
    if (act === 'command') unproven = false;
    if (act !== 'write' && act !== 'two') continue;
    [edits, unproven, reads] = [edits + 1, true, 0];
    expected.content = contentOf(at, size);
  }
  return end('finished');
}
