import * as vscode from 'vscode';
import { hideSecrets } from '../../common/hide-secrets.ts';
import { parseJson } from '../../common/json-file.ts';
import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';
import type { WindowContext } from '../window-context.ts';
import { pageLinkSchema } from './page-link.ts';
import { stepDetails } from './step-details.ts';

/** The text of a read-only document of a page: all that is known of a run of a check, or of a step. */
export async function textOf(window: WindowContext, query: string): Promise<string> {
  const { t } = vscode.l10n;
  await window.ready;
  const [id, number, link] = parseJson(pageLinkSchema, query) ?? [];
  const attempt = id === undefined ? undefined : window.find(id)?.attempts.find((one) => one.number === number);
  if (attempt && link?.kind === 'step') {
    const text = stepDetails(attempt.journal, link.step, t);
    if (text !== null) return text;
  }
  if (link?.kind === 'output') {
    const tail = attempt?.result?.checks[link.check]?.[link.side]?.tail;
    if (tail) return hideSecrets(escapeUntrusted(tail));
  }
  return t('There is nothing of it on the disk any more.');
}
