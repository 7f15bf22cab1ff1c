import { proofFacts } from '../../delegation/result/proof-text.ts';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import { checksFromText, placeText } from '../../delegation/result/result-text.ts';
import { seenTexts } from '../../delegation/result/seen-text.ts';
import { sizeText } from '../../delegation/result/size-text.ts';
import { escapeUntrusted, oneLine } from '../../mcp/escape-untrusted.ts';
import { newFailures } from '../../mcp/report-checks.ts';
import { joinNames, messageText, type Translate } from '../../messages/translate.ts';
import type { LookAhead } from '../../workspace/look-ahead.ts';
import { movedText } from '../text/ahead-text.ts';
import { fileSizeText } from '../text/file-size-text.ts';
import { checkRunText } from '../text/translated-result.ts';
import { checkVerdictText } from '../text/verdict.ts';
import { type Html, html, withCode } from './html.ts';
import type { PageLink } from './page-link.ts';

/** Makes links to what the page is about. */
export type LinkTo = (link: PageLink, label: string | Html, spoken?: string) => Html;

/** Before -> after, with the tests that fail and the whole outputs. */
export function evidencePart(result: AttemptResult, link: LinkTo, t: Translate): Html {
  const from = checksFromText(result);
  const facts = [...proofFacts(result), ...seenTexts(result)].map((text) => oneLine(messageText(text, t), 500));
  return html`<h2>${t('Evidence')}</h2>
${result.checks.length === 0 ? html`<p>${t('No check was run, so nothing proves this work.')}</p>` : checksTable(result, link, t)}
${from ? html`<p class="muted">${t('Checks: {0}', oneLine(messageText(from, t), 300))}</p>` : null}
${facts.length > 0 ? html`<ul>${facts.map((fact) => html`<li>${withCode(fact)}</li>`)}</ul>` : null}`;
}

function checksTable({ checks }: AttemptResult, link: LinkTo, t: Translate): Html {
  const run = (check: number, side: 'base' | 'result') => {
    const ran = checks[check]!;
    const text = checkRunText(ran[side], t);
    if (!ran[side]?.tail) return html`${text}`;
    const spoken = side === 'base' ? t('Output of {0} before', ran.command) : t('Output of {0} after', ran.command);
    return html`${text} (${link({ kind: 'output', check, side }, t('output'), oneLine(spoken, 200))})`;
  };
  return html`<table><thead><tr><th scope="col">${t('Check')}</th><th scope="col">${t('Before')}</th><th scope="col">${t('After')}</th>
<th scope="col">${t('Verdict')}</th></tr></thead><tbody>${checks.map(
    (check, index) => html`<tr><th scope="row"><code>${oneLine(check.command, 200)}</code></th><td>${run(index, 'base')}</td>
<td>${run(index, 'result')}</td><td>${checkVerdictText(check, t)}${failingTests(check, index, link)}</td></tr>`,
  )}</tbody></table>`;
}

const TESTS_SHOWN = 50;

function failingTests(check: AttemptResult['checks'][number], index: number, link: LinkTo): Html | null {
  const failing = check.verdict === 'regressed' ? newFailures(check) : check.verdict === 'still_failing' ? check.result?.failing : [];
  if (!failing?.length) return null;
  const items = failing
    .slice(0, TESTS_SHOWN)
    .map((test) => html`<li>${link({ kind: 'test', check: index, test }, oneLine(test, 300))}</li>`);
  return html`<ul>${items}${failing.length > TESTS_SHOWN ? html`<li>…</li>` : null}</ul>`;
}

/** What moved meanwhile, and whether the work still merges. */
export function meanwhilePart(ahead: LookAhead | null, t: Translate): Html | null {
  if (!ahead) return null;
  const files = ahead.conflicts.slice(0, 10).map((file) => oneLine(file, 200));
  const merges =
    ahead.conflicts.length === 0
      ? t('The work merges without a conflict.')
      : t('It conflicts in {0}', joinNames(ahead.conflicts.length > 10 ? [...files, '…'] : files, t));
  return html`<h2>${t('Meanwhile')}</h2><p>${movedText(ahead, t)} ${ahead.conflicts.length > 0 ? html`<strong>${merges}</strong>` : merges}</p>`;
}

export function warningsPart({ warnings, change }: AttemptResult, link: LinkTo, t: Translate): Html | null {
  if (warnings.length === 0) return null;
  const sorted = warnings.toSorted((a, b) => Number(b.level === 'blocking') - Number(a.level === 'blocking'));
  return html`<h2>${t('Warnings')}</h2><ul>${sorted.map((warning) => {
    const { place, level } = warning;
    const level_ = level === 'blocking' ? html`<strong>${t('Blocking:')}</strong> ` : html`${t('Note:')} `;
    const at = place && placeText(warning).trim();
    const isShown = place && change?.files.some(({ path }) => path === place.file);
    const where = at ? (isShown ? link({ kind: 'file', path: place.file, line: place.line }, at) : at) : null;
    return html`<li>${level_}${where}${where ? ' ' : ''}${withCode(oneLine(messageText(warning.text, t), 1000))}</li>`;
  })}</ul>`;
}

const FILES_SHOWN = 300;

/** @param mayApply whether files can be taken one by one */
export function filesPart({ change }: AttemptResult, link: LinkTo, mayApply: boolean, t: Translate): Html | null {
  if (!change) return null;
  const words = { A: t('Added'), M: t('Modified'), D: t('Deleted'), R: t('Renamed'), T: t('Type changed') };
  const rows = change.files.slice(0, FILES_SHOWN).map((file) => {
    const { path, from, status } = file;
    const size = fileSizeText(file, t);
    const name = from ? `${from} → ${path}` : path;
    const apply = mayApply
      ? html`<td>${link({ kind: 'apply', path }, t('Apply This File…'), t('Apply {0}…', oneLine(path, 200)))}</td>`
      : null;
    return html`<tr><td class="narrow">${words[status]}</td><th scope="row">${link({ kind: 'file', path }, oneLine(name, 500))}</th>
<td class="narrow">${size}</td>${apply}</tr>`;
  });
  const more = change.files.length - FILES_SHOWN;
  return html`<h2>${t('Files')} (${change.files.length}, ${sizeText(change)})</h2><table><thead><tr><th scope="col">${t('Change')}</th>
<th scope="col">${t('File')}</th><th scope="col">${t('Lines')}</th>${mayApply ? html`<th scope="col">${t('Take')}</th>` : null}</tr></thead>
<tbody>${rows}</tbody></table>${more > 0 ? html`<p>${t('{0} more are in the review.', more)}</p>` : null}`;
}

/** The task, what was said to each attempt after it, and what the worker says of the last one. */
export function tasksPart(attempts: readonly { number: number; text: string }[], summary: string, t: Translate): Html {
  const [first, ...others] = attempts;
  return html`<h2>${t('Task')}</h2><blockquote>${escapeUntrusted(first?.text ?? '')}</blockquote>
${others
  .filter(({ text }) => text !== first?.text)
  .map(({ number, text }) => html`<h3>${t('Feedback to attempt {0}', number)}</h3><blockquote>${escapeUntrusted(text)}</blockquote>`)}
${summary.trim() ? html`<h3>${t('The worker says (not verified):')}</h3><blockquote>${escapeUntrusted(summary.trim())}</blockquote>` : null}`;
}
