import { convert } from '../../common/currency.ts';
import { durationText, savingText } from '../../delegation/result/result-text.ts';
import type { LineComment } from '../../delegation/start/line-comments.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { messageText, type Translate } from '../../messages/translate.ts';
import type { LookAhead } from '../../workspace/look-ahead.ts';
import { actionCommands } from '../delegations/action-commands.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import type { AttemptRecord } from '../feed/delegation-reader.ts';
import { activityText } from '../text/activity-text.ts';
import { exactCost, stepsText } from '../text/translated-result.ts';
import { outcomeAndVerdict, verdictTone } from '../text/verdict.ts';
import { commandLink, type Html, html, withCode } from './html.ts';
import { PAGE_LINK } from './link-command.ts';
import type { PageLink } from './page-link.ts';
import { evidencePart, filesPart, type LinkTo, meanwhilePart, tasksPart, warningsPart } from './page-parts.ts';
import type { TimelineEntry } from './timeline.ts';

export interface PageData {
  readonly delegation: DelegationItem;
  /** The one that is shown; null while the very first one starts. */
  readonly attempt: AttemptRecord | null;
  readonly timeline: readonly TimelineEntry[];
  /** What all attempts of this machine have spent today, in the currency of the attempt. */
  readonly today: number;
  readonly ahead: LookAhead | null;
  /** What the user has written for the next attempt and not sent. */
  readonly draft: { readonly comments: readonly LineComment[]; readonly text: string };
}

export interface PageOptions {
  readonly t: Translate;
  /** A time of day, and when it was not today the day too, as the user writes them. */
  time(at: number): string;
}

/**
 * The whole page: what came of it first, then what proves it, then how it came about. What blocks stands before the evidence, as a decision
 * hangs on it; notes come behind.
 */
export function delegationPage(data: PageData, options: PageOptions): Html {
  const { delegation, attempt } = data;
  const { t } = options;
  const result = attempt?.result ?? null;
  const { id, branch, repository } = delegation.identity;
  const number = attempt?.number ?? 0;
  const link: LinkTo = (to: PageLink, label, spoken) => commandLink(PAGE_LINK, [id, number, to], label, spoken);
  const isLast = attempt === delegation.lastAttempt;
  const blocks = result?.warnings.some(({ level }) => level === 'blocking');
  const warnings = result && warningsPart(result, link, t);
  const mayApply = delegation.actions.has('apply') && result !== null && result === delegation.delivered?.result;
  return html`<h1>${oneLine(branch, 200)}</h1>
<p class="muted">${[repository, ...whenText(data, isLast, options)].join(' · ')}</p>
${verdictPart(data, isLast, t)}
${actionsPart(delegation, attempt, t)}
${isLast ? draftPart(data, link, t) : null}
${blocks ? warnings : null}
${result ? evidencePart(result, link, t) : null}
${meanwhilePart(isLast ? data.ahead : null, t)}
${blocks ? null : warnings}
${result ? filesPart(result, link, mayApply, t) : null}
${attemptsPart(delegation, attempt, t)}
${tasksPart(tasksUpTo(delegation, number), result?.summary ?? '', t)}
${stepsPart(data, link, options)}
${costPart(data, t)}`;
}

const VIEW = 'claudeKimi.showDelegation';
const SEND = 'claudeKimi.sendComments';
const STEPS = 'claudeKimi.showSteps';
/** What its links may run. */
export const PAGE_COMMANDS = [PAGE_LINK, VIEW, SEND, STEPS];

function whenText({ attempt, delegation }: PageData, isLast: boolean, { t, time }: PageOptions): string[] {
  const { result, start } = attempt ?? {};
  const since = isLast ? delegation.runningSince : null;
  if (!result) return [...(start ? [start.model] : []), ...(since ? [t('since {0}', time(since))] : [])];
  return [
    ...(start ? [start.model] : []),
    t('attempt {0} of {1}', result.attempt, result.maxAttempts),
    time(Date.parse(result.endedAt)),
    durationText(result.durationMs),
    stepsText(result.steps, t),
  ];
}

function verdictPart({ delegation, attempt }: PageData, isLast: boolean, t: Translate): Html {
  const box = (tone: string, text: string | Html) => html`<p class="verdict ${tone}" role="status">${text}</p>`;
  if (isLast && delegation.group === 'running') {
    const now = attempt?.activity ? activityText(attempt.activity, t) : t('preparing');
    const step = attempt && attempt.step > 0 ? t('step {0}/{1}', attempt.step, attempt.start?.maxSteps ?? '?') : '';
    return box('plain', [t('Running'), step, now].filter(Boolean).join(' · '));
  }
  const { result } = attempt ?? {};
  if (!result)
    return box('warning', attempt ? t('Interrupted after step {0}. The work so far is kept.', attempt.step) : t('never started'));
  const marks = { good: '✓', bad: '✗', warning: '⚠', plain: '?' };
  const tone = verdictTone(result);
  const said = oneLine(outcomeAndVerdict(result, t), 700);
  return box(
    tone,
    html`<span aria-hidden="true">${marks[tone]} </span>${isLast && delegation.ending ? html`${endedText(delegation, t)} ` : null}${withCode(said)}`,
  );
}

function endedText({ ending, disposition }: DelegationItem, t: Translate): string {
  if (ending === 'discarded') return t('Discarded.');
  if (ending === 'gone') return t('Its branch was removed.');
  return disposition?.into ? t('Merged into {0}.', oneLine(disposition.into, 60)) : t('Merged.');
}

function actionsPart(delegation: DelegationItem, attempt: AttemptRecord | null, t: Translate): Html {
  // What is ready is merged, and sent back only by one who found something in it.
  const place = (action: string) => (action === 'merge' && delegation.result?.outcome === 'ready' ? 0 : action === 'review' ? -1 : 1);
  const offered = actionCommands(t)
    .filter(([action]) => delegation.actions.has(action))
    .toSorted(([a], [b]) => place(a) - place(b));
  const { id } = delegation.identity;
  const hint = delegation.checkedOut
    ? html`<p>${t('The branch is checked out. Switch to another branch to merge, discard or retry it.')}</p>`
    : null;
  return html`${otherWorkPart(delegation, attempt, t)}<nav aria-label="${t('Actions')}"><ul class="actions">${offered.map(
    ([, command, label], index) =>
      html`<li class="${index === 0 ? 'first' : ''}">${commandLink(`claudeKimi.${command}`, [id], label)}</li>`,
  )}</ul></nav>${hint}`;
}

/** Somebody who has read the evidence of one attempt must not merge the work of another one for it. */
function otherWorkPart({ identity, reviewable, lastAttempt }: DelegationItem, attempt: AttemptRecord | null, t: Translate): Html | null {
  if (attempt === lastAttempt || attempt?.result === reviewable) return null;
  const newest = commandLink(VIEW, [identity.id], t('Show the newest attempt'));
  return html`<p class="verdict warning">${t('This is an older attempt. What can be done is done with the newest work.')} ${newest}</p>`;
}

function draftPart({ delegation, draft }: PageData, link: LinkTo, t: Translate): Html | null {
  const { comments, text } = draft;
  if (comments.length === 0 && !text) return null;
  const { id } = delegation.identity;
  const send = comments.length > 0 && delegation.actions.has('retry') ? commandLink(SEND, [id], t('Send to Kimi')) : null;
  return html`<h2>${t('Feedback that is not sent yet')}</h2>${text ? html`<blockquote>${text}</blockquote>` : null}
<ul>${comments.map(
    ({ file, line, text: said }) =>
      html`<li>${link({ kind: 'file', path: file, line }, oneLine(`${file}:${line}`, 300))} ${oneLine(said, 500)}</li>`,
  )}</ul>${send ? html`<ul class="actions"><li>${send}</li></ul>` : null}`;
}

function attemptsPart({ identity, attempts }: DelegationItem, shown: AttemptRecord | null, t: Translate): Html | null {
  if (attempts.length < 2) return null;
  return html`<h2>${t('Attempts')}</h2><ul>${attempts.map((attempt, index) => {
    const name = t('Attempt {0}', index + 1);
    const words = attempt.result ? oneLine(outcomeAndVerdict(attempt.result, t), 300) : t('interrupted');
    const label = attempt === shown ? html`<strong>${name}</strong>` : commandLink(VIEW, [identity.id, attempt.number], name);
    return html`<li>${label}: ${attempt.result || attempt !== attempts.at(-1) ? withCode(words) : t('not over yet')}</li>`;
  })}</ul>`;
}

function tasksUpTo({ attempts }: DelegationItem, number: number): { number: number; text: string }[] {
  return attempts
    .filter((attempt) => attempt.number <= number)
    .map(({ result, start }, index) => ({ number: index + 1, text: start?.task ?? result?.task ?? '' }));
}

/** The newest; a page that is drawn anew while it runs must not grow without end. All of them are in the document with the steps. */
const STEPS_SHOWN = 500;

function stepsPart({ timeline, attempt, delegation }: PageData, link: LinkTo, { t, time }: PageOptions): Html | null {
  if (timeline.length === 0 || !attempt) return null;
  const currency = attempt.result?.cost.currency ?? attempt.cost.currency;
  const rows = timeline.slice(-STEPS_SHOWN).map(({ at, step, what, result, failed, cost }) => {
    const details = step === null ? null : link({ kind: 'step', step }, t('Step {0}', step), t('Thought and output of step {0}', step));
    return html`<tr><td class="narrow">${time(at)}</td><td class="narrow">${details}</td><td><code>${what}</code></td>
<td>${failed ? html`<strong>✗ ${t('failed')}</strong>${result ? ': ' : ''}` : null}${withCode(result)}</td>
<td class="narrow">${cost === null ? null : exactCost({ amount: cost, currency }, t)}</td></tr>`;
  });
  const left = timeline.length - STEPS_SHOWN;
  const earlier = left > 0 ? commandLink(STEPS, [delegation.identity.id], t('{0} earlier ones', left)) : null;
  return html`<h2>${t('Steps')}</h2>${earlier ? html`<p>${earlier}</p>` : null}<table><thead><tr><th scope="col">${t('Time')}</th><th scope="col">${t('Step')}</th>
<th scope="col">${t('What')}</th><th scope="col">${t('Result')}</th><th scope="col">${t('Cost')}</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function costPart({ delegation, attempt, today }: PageData, t: Translate): Html | null {
  if (!attempt) return null;
  const costOf = ({ result, cost }: AttemptRecord) => result?.cost ?? cost;
  const own = costOf(attempt);
  const all = delegation.attempts.map(costOf);
  const sum = all.some(({ amount }) => amount === null)
    ? null
    : all.reduce((total, { amount, currency }) => total + convert(amount!, currency, own.currency), 0);
  const saving = attempt.result ? savingText(attempt.result) : null;
  const rows: readonly (readonly [string, number | null])[] = [
    [t('This attempt'), own.amount],
    [t('All attempts'), sum],
    [t('Today, all delegations'), today],
  ];
  return html`<h2>${t('Cost')}</h2><table><tbody>${rows.map(
    ([label, amount]) => html`<tr><th scope="row">${label}</th><td>${exactCost({ amount, currency: own.currency }, t)}</td></tr>`,
  )}</tbody></table>${saving ? html`<p>${messageText(saving, t)}</p>` : null}`;
}
