import { fuzzBranches } from './branches.ts';
import { fuzzExpressions } from './expressions.ts';
import { fuzzMessages } from './messages.ts';
import { fuzzPaths } from './paths.ts';
import { fuzzRequests } from './requests.ts';

export interface Part {
  /** So many inputs are tried by `npm run fuzz`. */
  readonly full: number;
  /** @returns what was tried; throws with seed and smallest input where something did not hold */
  run(count: number, seed: number): Promise<string>;
}

export const PARTS = {
  paths: { full: 200_000, run: fuzzPaths },
  branches: { full: 200_000, run: fuzzBranches },
  messages: { full: 50_000, run: fuzzMessages },
  requests: { full: 20_000, run: fuzzRequests },
  expressions: { full: 400_000, run: fuzzExpressions },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof PARTS;
