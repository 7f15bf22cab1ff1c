import { exactMoney } from '../common/currency.ts';
import type { AttemptResult } from '../delegation/result/result-schema.ts';
import { savingText } from '../delegation/result/result-text.ts';
import { say } from '../messages/message.ts';

/** `$0.12` or `¥0.86`; a price that is not known is never shown as 0. */
export function exactCostText(cost: AttemptResult['cost']): string {
  if (cost.amount === null) return 'cost unknown (no price for this model; KIMI_PRICES sets one)';
  return exactMoney(cost.amount, cost.currency);
}

const thousands = (n: number) => (n >= 1000 ? `${Math.round(n / 1000)}k` : String(n));

/** What an attempt cost, as a line of its report. */
export function costLine(result: AttemptResult, disclosure: 'silent' | 'open'): string {
  const { usage } = result;
  const cached = usage.input > 0 ? `, ${Math.round((100 * usage.cached) / usage.input)}% cached` : '';
  const seconds = Math.round(result.durationMs / 1000);
  const time = seconds >= 60 ? `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s` : `${seconds}s`;
  const worker = disclosure === 'open' ? '   worker: Kimi' : '';
  const saving = savingText(result);
  const saved = saving ? `. ${say(saving, 'en')}` : '';
  return `cost: ${result.steps} steps, ${time}, ${exactCostText(result.cost)} (in ${thousands(usage.input)}${cached}; out ${thousands(usage.output)})${worker}${saved}`;
}
