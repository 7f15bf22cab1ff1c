import * as vscode from 'vscode';
import { proofFacts } from '../../delegation/result/proof-text.ts';
import { placeText } from '../../delegation/result/result-text.ts';
import { seenTexts } from '../../delegation/result/seen-text.ts';
import { sizeText } from '../../delegation/result/size-text.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { messageText } from '../../messages/translate.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { fileSizeText } from '../text/file-size-text.ts';
import { checkRunText, costText, filesText, outcomeText } from '../text/translated-result.ts';
import { outcomeAndVerdict } from '../text/verdict.ts';

/**
 * What the user should know before merging, applying or discarding, in a few lines.
 * @param file where it is about this one only; what was checked is the whole work all the same
 */
export function decisionSummary(delegation: DelegationItem, file?: string): string[] {
  const t = vscode.l10n.t;
  const { reviewable: result, result: last, tip } = delegation;
  if (!result) return [];
  const one = result.change.files.find(({ path }) => path === file);
  const size = one ? [fileSizeText(one, t)] : [filesText(result.change, t), sizeText(result.change), costText(result.cost, t)];
  const checks = result.checks
    .slice(0, 4)
    .map((check) => `${oneLine(check.command, 60)}: ${checkRunText(check.base, t)} → ${checkRunText(check.result, t)}`);
  const blocking = result.warnings.filter(({ level }) => level === 'blocking');
  return [
    size.join(' · '),
    ...checks,
    ...[...proofFacts(result), ...seenTexts(result)].map((text) => oneLine(messageText(text, t), 300)),
    ...(result.outcome === 'ready' ? [] : [`⚠ ${oneLine(outcomeAndVerdict(result, t), 400)}`]),
    ...blocking.slice(0, 5).map((warning) => `⚠ ${oneLine(placeText(warning) + messageText(warning.text, t), 200)}`),
    ...(last && last !== result ? [`⚠ ${t('A later attempt brought nothing: {0}', outcomeText(last.outcome, t))}`] : []),
    ...(tip && tip !== result.tip
      ? [`⚠ ${t('The branch has commits that came after the work of Kimi and are not in this summary.')}`]
      : []),
  ];
}
