import path from 'node:path';
import { OUTCOME_RULES, type OutcomeRule } from '../../delegation/result/outcomes.ts';
import { proofFacts } from '../../delegation/result/proof-text.ts';
import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import { checksFromText, durationText, placeText, savingText, sentByText, sentFileText } from '../../delegation/result/result-text.ts';
import { seenTexts } from '../../delegation/result/seen-text.ts';
import { sizeText } from '../../delegation/result/size-text.ts';
import type { DelegationFolder } from '../../delegation/store/delegation-folder.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import type { Message } from '../../messages/message.ts';
import { messageText, type Translate } from '../../messages/translate.ts';
import { endOf, tipBeforeAttempt } from '../delegations/delegation-facts.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import { reviewableOf } from '../delegations/reviewable-result.ts';
import type { AttemptRecord } from '../feed/delegation-reader.ts';
import { activityText } from '../text/activity-text.ts';
import { inCode, plain, withCode } from '../text/markdown.ts';
import { checkRunText, checksText, costText, filesText, outcomeText, stepsText } from '../text/translated-result.ts';
import { verdictText } from '../text/verdict.ts';
import { type Arrangement, arrange, DEFAULT_ARRANGEMENT } from './arrange.ts';
import { filesRow } from './file-rows.ts';
import { branchRow, type Row } from './row.ts';

export type { FileStatus, Row } from './row.ts';

export interface TreeOptions {
  readonly t: Translate;
  /** Tells repositories apart when the window shows several; null = not needed. */
  repositoryName(delegation: DelegationItem): string | null;
  /** Only delegations with all of these words. */
  readonly filter?: string;
  readonly arrangement?: Arrangement;
  /** Rows that were made already, with the same options. */
  readonly made?: WeakMap<DelegationItem, Row>;
  /** A time of day, or the day when it was not today: short, as the user writes them. */
  readonly time?: (at: number) => string;
  /** Delegations whose own file is damaged, or was written by a newer version. */
  readonly unreadable: readonly (Pick<DelegationFolder, 'id' | 'root' | 'identity'> & { readonly newer: Message | null })[];
}

/** The whole view: the groups that are not empty, in their fixed order. */
export function buildRows(delegations: readonly DelegationItem[], options: TreeOptions): Row[] {
  const { t, filter = '', arrangement = DEFAULT_ARRANGEMENT } = options;
  const chosen = delegations.filter((delegation) => matches(delegation, filter, t));
  const damaged = filter === '' ? options.unreadable.map((folder) => damagedRow(folder, options)) : [];
  return arrange(chosen, arrangement, damaged.length > 0, t).map(({ id, label, isDone, isAttention, contextValue, members }) => {
    const children = [...members.map((delegation) => rowOnce(delegation, options)), ...(isAttention ? damaged : [])];
    return {
      id,
      label,
      description: String(children.length),
      tooltip: '',
      contextValue,
      children,
      open: !isDone || filter !== '',
      click: null,
      delegationId: null,
    };
  });
}

/** Only what changed is made anew: one line in one journal must not cost the rows of two hundred delegations. */
function rowOnce(delegation: DelegationItem, options: TreeOptions): Row {
  const known = options.made?.get(delegation);
  if (known) return known;
  const row = delegationRow(delegation, options);
  options.made?.set(delegation, row);
  return row;
}

/** Whether all words stand somewhere in its branch, its task and feedback, its repository or what came of it. */
export function matches({ identity, attempts, result }: DelegationItem, filter: string, t: Translate): boolean {
  const tasks = attempts.map((attempt) => attempt.start?.task ?? attempt.result?.task ?? '');
  const outcome = result ? [outcomeText(result.outcome, t), result.commitMessage ?? ''] : [];
  const said = [identity.branch, path.basename(identity.repository), ...tasks, ...outcome].join('\n').toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

function damagedRow({ id, root, identity, newer }: TreeOptions['unreadable'][number], { t }: TreeOptions): Row {
  const found = t('{0} cannot be read, so nothing of its delegation is shown', identity);
  const remedy = t('The next call on its branch writes it anew. If you need nothing of it, remove {0}. Branches stay.', root);
  return {
    id: `damaged:${id}`,
    label: newer ? t('Delegation of a newer version') : t('Damaged delegation'),
    description: id,
    icon: { name: 'warning', color: 'list.warningForeground' },
    tooltip: newer ? plain(messageText(newer, t)) : `${plain(found)}\n\n${plain(remedy)}`,
    contextValue: 'damaged',
    children: [],
    open: false,
    click: null,
    delegationId: null,
  };
}

function delegationRow(delegation: DelegationItem, options: TreeOptions): Row {
  const { identity } = delegation;
  const name = options.repositoryName(delegation);
  const at = delegation.group === 'running' ? null : endOf(delegation);
  const time = at ? (options.time?.(at) ?? '') : '';
  // The name first: behind the rest it is cut off in a view of the usual width, and the icon tells the state.
  const description = [name, ...describe(delegation, options), time].filter(Boolean).join(' · ');
  return {
    id: identity.id,
    label: oneLine(identity.branch, 200),
    description,
    state: stateText(delegation, options.t),
    icon: iconOf(delegation),
    tooltip: tooltipOf(delegation, options),
    contextValue: ['delegation', delegation.group, ...delegation.actions].join(' '),
    children: childrenOf(delegation, options),
    open: false,
    // What is ready is looked at; of everything else the first question is what came of it.
    click: { kind: delegation.group === 'ready' ? 'review' : 'page' },
    delegationId: identity.id,
  };
}

function describe(delegation: DelegationItem, { t }: TreeOptions): string[] {
  const { group, lastAttempt: last, result } = delegation;
  if (group === 'running') {
    const step = last && last.step > 0 ? t('step {0}/{1}', last.step, last.start?.maxSteps ?? '?') : '';
    const activity = last?.activity ? activityText(last.activity, t) : t('preparing');
    const spent = last && last.cost.amount !== 0 ? costText(last.cost, t) : '';
    return [step, activity, spent];
  }
  const size = delegation.reviewable ? sizeText(delegation.reviewable.change) : '';
  // It is why nothing can be done with the work, and would be cut off behind the rest.
  const checkedOut = delegation.checkedOut ? t('checked out') : '';
  if (!result) {
    if (!last) return [t('never started')];
    return [
      checkedOut,
      delegation.ending ? endingText(delegation, t) : t('interrupted'),
      t('step {0}/{1}', last.step, last.start?.maxSteps ?? '?'),
      size,
    ];
  }
  const cost = costText(result.cost, t);
  if (delegation.ending) return [endingText(delegation, t), size, cost];
  const checks = checksText(result.checks, t);
  if (result.outcome === 'ready') return [checkedOut, checks, size, cost];
  // three parts fit next to the icons of a row; the hover tells the rest
  return [checkedOut, ...[outcomeText(result.outcome, t), checks, size, cost].filter(Boolean).slice(0, checkedOut ? 2 : 3)];
}

function stateText({ group, ending, result, disposition }: DelegationItem, t: Translate): string {
  if (group === 'running') return t('running');
  if (ending) return endingText({ ending, disposition }, t);
  return result ? outcomeText(result.outcome, t) : t('interrupted');
}

function endingText({ ending, disposition }: Pick<DelegationItem, 'ending' | 'disposition'>, t: Translate): string {
  if (ending === 'discarded') return t('discarded');
  if (ending === 'gone') return t('branch removed');
  return disposition?.into ? t('merged into {0}', oneLine(disposition.into, 60)) : t('merged');
}

function iconOf({ group, ending, result }: DelegationItem): Row['icon'] {
  if (group === 'running') return { name: 'loading~spin' };
  if (ending === 'merged') return { name: 'git-merge', color: 'charts.purple' };
  if (ending) return { name: 'circle-slash', color: 'disabledForeground' };
  if (!result) return SIGNS.paused;
  return SIGNS[OUTCOME_RULES[result.outcome].sign];
}

const SIGNS: Readonly<Record<OutcomeRule['sign'], NonNullable<Row['icon']>>> = {
  good: { name: 'pass-filled', color: 'testing.iconPassed' },
  unproven: { name: 'question', color: 'charts.blue' },
  paused: { name: 'debug-pause', color: 'list.warningForeground' },
  warning: { name: 'warning', color: 'list.warningForeground' },
  bad: { name: 'error', color: 'list.errorForeground' },
};

function tooltipOf(delegation: DelegationItem, options: TreeOptions): string {
  const { t } = options;
  const { identity, result, lastAttempt: last } = delegation;
  const title = `**${plain(identity.branch)}**`;
  const task = last?.start?.task ?? result?.task ?? '';
  const lines = [title, ...(task ? [plain(oneLine(task, 300))] : [])];
  if (delegation.checkedOut) lines.push(plain(t('The branch is checked out. Switch to another branch to merge, discard or retry it.')));
  if (!result) {
    const words = describe(delegation, options).filter(Boolean).join(' · ');
    return [...lines, plain(words), inCode(identity.repository)].join('\n\n');
  }
  const verdict = result.outcome === 'ready' ? '' : oneLine(verdictText(result, t), 500);
  const reason = verdict && verdict !== outcomeText(result.outcome, t) ? `: ${withCode(verdict)}` : '';
  lines.push(`${plain(t('Outcome:'))} **${plain(outcomeText(result.outcome, t))}**${reason}`);
  if (delegation.ending) lines.push(plain(endingText(delegation, t)));
  const details: string[] = [];
  for (const check of result.checks.slice(0, 6)) {
    details.push(`${inCode(oneLine(check.command, 80))} ${plain(checkRunText(check.base, t))} → ${plain(checkRunText(check.result, t))}`);
  }
  const from = checksFromText(result);
  if (from) details.push(plain(t('Checks: {0}', oneLine(messageText(from, t), 200))));
  details.push(...[...proofFacts(result), ...seenTexts(result)].map((text) => plain(oneLine(messageText(text, t), 500))));
  if (result.checks.length === 0 && result.change) details.push(plain(t('No check was run, so nothing proves this work.')));
  if (result.change) details.push(plain(`${filesText(result.change, t)} · ${sizeText(result.change)}`));
  details.push(plain(`${costText(result.cost, t)} · ${stepsText(result.steps, t)} · ${durationText(result.durationMs)}`));
  const saving = savingText(result);
  if (saving) details.push(plain(messageText(saving, t)));
  details.push(plain(t('attempt {0} of {1}', result.attempt, result.maxAttempts)));
  if (result.base) {
    const tip = result.tip ? ` → ${inCode(result.tip.slice(0, 7))}` : '';
    details.push(`${inCode(result.base.slice(0, 7))} ${plain(`(${oneLine(result.baseName, 80)})`)}${tip}`);
  }
  if (result.keptAt) details.push(`${plain(t('The work is on another branch:'))} ${inCode(oneLine(result.keptAt, 200))}`);
  lines.push(details.map((detail) => `- ${detail}`).join('\n'));
  if (result.summary.trim()) lines.push(`${plain(t('The worker says (not verified):'))} ${plain(oneLine(result.summary, 500))}`);
  return lines.join('\n\n');
}

function childrenOf(delegation: DelegationItem, options: TreeOptions): Row[] {
  const { result, reviewable } = delegation;
  const children: Row[] = [];
  const warned = result && result.warnings.length > 0 ? result : reviewable;
  if (warned && warned.warnings.length > 0) children.push(warningsRow(delegation, warned, options));
  if (reviewable) children.push(filesRow(delegation, reviewable.change, options));
  if (delegation.attempts.length > 0) children.push(attemptsRow(delegation, options));
  return children;
}

function warningsRow(delegation: DelegationItem, result: AttemptResult, { t }: TreeOptions): Row {
  const { id } = delegation.identity;
  const rows = result.warnings.map(
    (warning, index): Row => ({
      id: `${id}:warning:${index}`,
      label: oneLine(placeText(warning) + messageText(warning.text, t), 300),
      description: '',
      icon: warning.level === 'blocking' ? { name: 'warning', color: 'list.warningForeground' } : { name: 'info' },
      tooltip: plain(oneLine(placeText(warning) + messageText(warning.text, t), 2000)),
      contextValue: 'warning',
      children: [],
      open: false,
      click: placeToOpen(delegation, result, warning),
      delegationId: id,
    }),
  );
  return branchRow(delegation, 'warnings', t('Warnings'), rows, true);
}

/** The line that a warning is about, where the changes on the branch are those that it is about. */
function placeToOpen({ reviewable }: DelegationItem, result: AttemptResult, { place }: AttemptResult['warnings'][number]): Row['click'] {
  if (result !== reviewable || !place || !reviewable.change.files.some(({ path }) => path === place.file)) return null;
  return { kind: 'file', path: place.file, line: place.line };
}

function attemptsRow(delegation: DelegationItem, options: TreeOptions): Row {
  const { t } = options;
  const { id } = delegation.identity;
  const rows = delegation.attempts.map((attempt, index): Row => {
    const runs = delegation.group === 'running' && index === delegation.attempts.length - 1;
    const words = attempt.result ? outcomeText(attempt.result.outcome, t) : runs ? t('running') : t('interrupted');
    const steps = attempt.result?.steps ?? attempt.step;
    const cost = attempt.result?.cost ?? attempt.cost;
    return {
      id: `${id}:attempt:${attempt.number}`,
      label: t('Attempt {0}', index + 1),
      description: [words, stepsText(steps, t), costText(cost, t)].join(' · '),
      icon: attemptIcon(attempt, runs),
      tooltip: attemptTooltip(attempt, t),
      contextValue: [
        'attempt',
        ...(reviewableOf(attempt.result) ? ['changes'] : []),
        ...(attempt.result?.tip && tipBeforeAttempt(delegation, attempt) ? ['before'] : []),
      ].join(' '),
      children: sentRows(attempt.result?.sent, `${id}:attempt:${attempt.number}`, id, t),
      open: false,
      click: { kind: 'page', attempt: attempt.number },
      delegationId: id,
    };
  });
  return branchRow(delegation, 'attempts', t('Attempts'), rows, false);
}

const SENT_SHOWN = 100;

/** What left the machine in an attempt: where to, of which files, and what was kept back. */
function sentRows(sent: AttemptResult['sent'], attemptId: string, delegationId: string, t: Translate): Row[] {
  if (!sent || sent.requests === 0) return [];
  const kb = (bytes: number) => `${(bytes / 1024).toFixed(1)} KiB`;
  const row = (name: string, label: string, description: string, children: Row[] = []): Row => ({
    id: `${attemptId}:${name}`,
    label: oneLine(label, 200),
    description,
    tooltip: plain(`${oneLine(label, 500)} · ${description}`),
    contextValue: 'sent',
    children,
    open: false,
    click: null,
    delegationId,
  });
  const files = Object.entries(sent.files)
    .sort(([, a], [, b]) => b.bytes - a.bytes)
    .slice(0, SENT_SHOWN)
    .map(([file, account]) =>
      row(`sent:${file}`, messageText(sentFileText(file), t), `${kb(account.bytes)} · ${messageText(sentByText(account), t)}`),
    );
  const withheld = Object.keys(sent.withheld)
    .slice(0, SENT_SHOWN)
    .map((name) => row(`withheld:${name}`, name, t('withheld')));
  const reached = Object.entries(sent.network ?? {}).map(([host, { bytesOut, bytesIn }]) =>
    row(`network:${host}`, t('Commands to {0}', host), t('{0} up, {1} down', kb(bytesOut), kb(bytesIn))),
  );
  return [row('sent', t('Sent to {0}', sent.to.join(', ') || '?'), kb(sent.bytes), [...files, ...withheld]), ...reached];
}

function attemptIcon(attempt: AttemptRecord, runs: boolean): Row['icon'] {
  if (runs) return { name: 'loading~spin' };
  if (!attempt.result) return { name: 'debug-pause' };
  return attempt.result.tip ? { name: 'git-commit' } : { name: 'circle-outline' };
}

function attemptTooltip({ result, start }: AttemptRecord, t: Translate): string {
  const task = result?.task ?? start?.task ?? '';
  const model = start ? [inCode(start.model)] : [];
  const reason = result?.reason ? [withCode(oneLine(verdictText(result, t), 700))] : [];
  const wall = result?.sandbox === 'off' || result?.sandbox === 'container' ? [plain(wallText(result.sandbox, t))] : [];
  return [`**${plain(t('Task'))}**`, plain(oneLine(task, 1000)), ...model, ...reason, ...wall].join('\n\n');
}

/** Said with every attempt that ran so, since nobody looks at a setting twice. */
function wallText(sandbox: 'off' | 'container', t: Translate): string {
  if (sandbox === 'off') return t('Commands ran without a sandbox, as you chose.');
  return t('Commands ran without a sandbox, in a container that you call disposable.');
}
