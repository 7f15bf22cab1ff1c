import path from 'node:path';
import * as vscode from 'vscode';
import type { CheckRun } from '../../checks/types.ts';
import { hideSecrets } from '../../common/hide-secrets.ts';
import { parseJson } from '../../common/json-file.ts';
import { readOutput } from '../../delegation/store/kept-outputs.ts';
import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';
import type { Translate } from '../../messages/translate.ts';
import type { WindowContext } from '../window-context.ts';
import { pageLinkSchema } from './page-link.ts';
import { stepDetails } from './step-details.ts';
import { createStory } from './story.ts';

/** An output that fills its tail is probably longer. */
const SHORT = 4000;

/** The text of a read-only document of a page: all that is known of a run of a check, or of a step. */
export async function textOf(window: WindowContext, query: string): Promise<string> {
  const { t } = vscode.l10n;
  await window.ready;
  const [id, number, link] = parseJson(pageLinkSchema, query) ?? [];
  const attempt = id === undefined ? undefined : window.find(id)?.attempts.find((one) => one.number === number);
  if (attempt && link?.kind === 'step') {
    const text = stepDetails(await createStory(true).read(attempt.journal), link.step, t);
    if (text !== null) return text;
  }
  if (link?.kind === 'output') {
    const run = attempt?.result?.checks[link.check]?.[link.side];
    const whole = run?.output && readOutput(path.dirname(attempt!.journal), run.output.file);
    const text = whole || run?.tail;
    if (text) return [...leftOut(run!, Boolean(whole), t), hideSecrets(escapeUntrusted(text))].join('\n\n');
  }
  return t('There is nothing of it on the disk any more.');
}

/** What is not shown, since nobody else says so. */
function leftOut({ output, tail }: Pick<CheckRun, 'output' | 'tail'>, isWhole: boolean, t: Translate): string[] {
  if (isWhole) return output!.left > 0 ? [t('({0} before this are not kept.)', sizeOf(output!.left))] : [];
  return tail.length >= SHORT ? [t('(Only the last {0} characters are kept.)', tail.length)] : [];
}

const sizeOf = (bytes: number) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
