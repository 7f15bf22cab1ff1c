import { sizeText } from '../../delegation/result/size-text.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { ReviewableResult } from '../delegations/reviewable-result.ts';

/** VS Code tells nobody what an editor with several files shows, but for its title. */
export function reviewTitle({ branch, change, base, tip }: ReviewableResult): string {
  return `${oneLine(branch, 200)}: ${sizeText(change)} (${base.slice(0, 7)} → ${tip.slice(0, 7)})`;
}
