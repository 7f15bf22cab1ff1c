import path from 'node:path';
import { exactMoney, SIGN } from '../common/currency.ts';
import { namesIn } from '../common/list-names.ts';
import { addToProgress, EMPTY_PROGRESS } from '../delegation/journal/attempt-progress.ts';
import { totalsOf } from '../delegation/journal/tally.ts';
import { OUTCOMES, type Outcome } from '../delegation/result/outcomes.ts';
import { durationText, outcomeText, rangeText } from '../delegation/result/result-text.ts';
import {
  archiveFolder,
  type DelegationFolder,
  delegationFolder,
  folderAt,
  listDelegations,
  readAttemptJournal,
  readAttempts,
  readDisposition,
  readIdentity,
  type StoredAttempt,
} from '../delegation/store/delegation-folder.ts';
import { netOf, type Saving } from '../economics/saving.ts';
import { oneLine } from '../mcp/escape-untrusted.ts';
import { type Message, message } from '../messages/message.ts';
import { defineCommand, JSON_OPTION, REPO_OPTION } from './command.ts';
import { findRepository } from './find-delegation.ts';
import type { Stats, StatsGroup } from './json-output.ts';
import { type Cell, tableLines } from './table.ts';
import type { Terminal } from './terminal.ts';
import { wrapped } from './wrap.ts';

const DAY = 86_400_000;

/** What the attempts on this machine came to and cost, from their results. */
export const stats = defineCommand({
  about: 'cli.stats.about',
  options: { days: { type: 'string', value: 'number', about: 'cli.option.days' }, ...JSON_OPTION, ...REPO_OPTION },
  async run({ options }, context) {
    const { terminal, now } = context;
    if (options.days !== undefined && !/^[1-9]\d{0,4}$/.test(options.days))
      return terminal.misuse(message('cli.noNumber', { value: options.days }), 'stats');
    const opened = options.repo === undefined ? null : await findRepository(options, context);
    if (opened && !opened.ok) return terminal.fail(opened.reason);
    const since = options.days === undefined ? null : now() - Number(options.days) * DAY;
    const facts = readFacts(context.stateDir, opened?.repository.commonDir ?? null, since);
    const all = statsOf(facts, since);
    if (options.json) terminal.printJson(all);
    else if (facts.length === 0) terminal.note(message('cli.stats.none'));
    else for (const line of lines(all, terminal)) terminal.print(line);
    return 0;
  },
});

/** One attempt as the statistics count it. */
interface Fact {
  readonly delegation: string;
  readonly repository: string;
  readonly decided: 'merged' | 'discarded' | null;
  readonly kind: StoredAttempt['start']['kind'];
  readonly model: string;
  /** `interrupted` where it has no end: it runs, or its process died. */
  readonly outcome: Outcome;
  readonly attempt: number;
  readonly fallback: boolean;
  /** What the delegation saved up to its last attempt that tells; on that one only. */
  readonly saving: Saving | null;
  readonly steps: number;
  readonly durationMs: number;
  readonly usage: { input: number; cached: number; output: number };
  readonly cost: { amount: number | null; currency: 'USD' | 'CNY' };
}

function readFacts(stateDir: string, commonDir: string | null, since: number | null): Fact[] {
  const archive = archiveFolder(stateDir);
  const folders = [
    ...listDelegations(stateDir).map(({ id }) => delegationFolder(stateDir, id)),
    ...namesIn(archive).map((name) => folderAt(path.join(archive, name), name)),
  ];
  return folders.flatMap((folder) => factsOf(folder, commonDir, since));
}

function factsOf(folder: DelegationFolder, commonDir: string | null, since: number | null): Fact[] {
  const identity = readIdentity(folder);
  if (!identity || (commonDir !== null && identity.commonDir !== commonDir)) return [];
  const decided = readDisposition(folder)?.state ?? null;
  const attempts = readAttempts(folder);
  const lastTold = attempts.findLast(({ result }) => result?.saving);
  return attempts.flatMap((attempt) => {
    const fact = {
      delegation: folder.root,
      repository: identity.repository,
      decided,
      kind: attempt.start.kind,
      model: attempt.start.model,
      attempt: attempt.start.attempt,
      fallback: attempt.result?.fallbackNeeded ?? false,
      saving: attempt === lastTold ? (attempt.result?.saving ?? null) : null,
    };
    const { result } = attempt;
    if (result) {
      const { outcome, steps, durationMs, usage, cost } = result;
      return since !== null && Date.parse(result.endedAt) < since ? [] : [{ ...fact, outcome, steps, durationMs, usage, cost }];
    }
    const { tally, startedAt, lastAt } = readAttemptJournal(attempt).reduce(addToProgress, EMPTY_PROGRESS);
    const { steps, usage, cost } = totalsOf(tally);
    return since !== null && lastAt < since
      ? []
      : [{ ...fact, outcome: 'interrupted' as const, steps, durationMs: lastAt - startedAt, usage, cost }];
  });
}

function statsOf(facts: readonly Fact[], since: number | null): Stats {
  const by = (name: (fact: Fact) => string) =>
    [...new Set(facts.map(name))]
      .map((one) =>
        groupOf(
          one,
          facts.filter((fact) => name(fact) === one),
        ),
      )
      .sort((a, b) => b.attempts - a.attempts);
  const decided = (state: Fact['decided']) =>
    new Set(facts.filter((fact) => fact.decided === state).map(({ delegation }) => delegation)).size;
  return {
    since: since === null ? null : new Date(since).toISOString(),
    delegations: new Set(facts.map(({ delegation }) => delegation)).size,
    merged: decided('merged'),
    discarded: decided('discarded'),
    all: groupOf('', facts),
    byRepository: by(({ repository }) => repository),
    byKind: by(({ kind }) => kind) as Stats['byKind'],
    byModel: by(({ model }) => model),
  };
}

function groupOf(name: string, facts: readonly Fact[]): StatsGroup {
  const sum = (value: (fact: Fact) => number) => facts.reduce((total, fact) => total + value(fact), 0);
  const outcomes = OUTCOMES.map((outcome) => [outcome, facts.filter((fact) => fact.outcome === outcome).length] as const);
  const known = facts.flatMap(({ cost }) => (cost.amount === null ? [] : [{ currency: cost.currency, amount: cost.amount }]));
  const provenAt = (which: (attempt: number) => boolean) =>
    facts.filter(({ outcome, attempt }) => outcome === 'ready' && which(attempt)).length;
  const currencies = [...new Set(known.map(({ currency }) => currency))];
  return {
    name,
    attempts: facts.length,
    delegations: new Set(facts.map(({ delegation }) => delegation)).size,
    proven: { first: provenAt((attempt) => attempt === 1), later: provenAt((attempt) => attempt > 1) },
    fallback: facts.filter(({ fallback }) => fallback).length,
    net: {
      low: sum(({ saving }) => (saving ? netOf(saving).low : 0)),
      high: sum(({ saving }) => (saving ? netOf(saving).high : 0)),
      delegations: facts.filter(({ saving }) => saving).length,
    },
    outcomes: Object.fromEntries(outcomes.filter(([, times]) => times > 0)),
    steps: sum(({ steps }) => steps),
    durationMs: sum(({ durationMs }) => durationMs),
    tokens: { input: sum(({ usage }) => usage.input), cached: sum(({ usage }) => usage.cached), output: sum(({ usage }) => usage.output) },
    cost: currencies.map((currency) => ({
      currency,
      amount: known.filter((one) => one.currency === currency).reduce((total, { amount }) => total + amount, 0),
    })),
    costUnknown: facts.length - known.length,
  };
}

function lines(all: Stats, terminal: Terminal): string[] {
  const { say, paint } = terminal;
  const title = (text: Message) => ['', paint('bold', say(text))];
  const { tokens } = all.all;
  const cached = tokens.input > 0 ? Math.round((100 * tokens.cached) / tokens.input) : 0;
  const outcomes = Object.entries(all.all.outcomes).sort(([, a], [, b]) => b - a);
  const kindText = (name: string) =>
    say(message(name === 'bug' ? 'cli.kind.bug' : name === 'tests' ? 'cli.kind.tests' : 'cli.kind.feature'));
  return [
    paint(
      'bold',
      say(
        message('cli.stats.head', {
          delegations: all.delegations,
          attempts: all.all.attempts,
          merged: all.merged,
          discarded: all.discarded,
        }),
      ),
    ),
    `  ${say(message('cli.stats.totals', { cost: groupCostText(all.all, terminal), steps: all.all.steps, time: durationText(all.all.durationMs) }))}`,
    `  ${say(message('cli.stats.tokens', { input: tokens.input.toLocaleString('en'), cached, output: tokens.output.toLocaleString('en') }))}`,
    ...(all.all.net.delegations > 0 ? [`  ${say(netText(all.all.net))}`] : []),
    ...title(message('cli.stats.outcomes')),
    ...tableLines(
      [{ rank: 0 }, { rank: 0, right: true }],
      outcomes.map(([outcome, times]) => [{ text: say(outcomeText(outcome as Outcome)) }, { text: String(times) }]),
      terminal,
      '  ',
    ),
    ...title(message('cli.stats.repositories')),
    ...groupLines(all.byRepository, (name) => oneLine(name, 250), terminal),
    ...title(message('cli.stats.kinds')),
    ...groupLines(all.byKind, kindText, terminal),
    ...title(message('cli.stats.models')),
    ...groupLines(all.byModel, (name) => oneLine(name, 100), terminal),
    '',
    ...wrapped(say(message('cli.stats.honest', { known: all.all.net.delegations, all: all.delegations })), terminal).map((line) =>
      paint('dim', line),
    ),
  ];
}

function groupLines(groups: readonly StatsGroup[], nameWords: (name: string) => string, terminal: Terminal): string[] {
  const { say } = terminal;
  const rows = groups.map((group): Cell[] => [
    { text: nameWords(group.name) },
    { text: say(message('cli.stats.attempts', { count: group.attempts })) },
    { text: say(message('cli.stats.proven', { ...group.proven })) },
    { text: say(message('cli.stats.fallback', { count: group.fallback })) },
    { text: groupCostText(group, terminal) },
    { text: say(netText(group.net)) },
  ]);
  const columns = [
    { rank: 0 },
    { rank: 0, right: true },
    { rank: 1, right: true },
    { rank: 3, right: true },
    { rank: 0, right: true },
    { rank: 2 },
  ];
  return tableLines(columns, rows, terminal, '  ');
}

/** Nothing where it is known of no delegation. */
function netText({ low, high, delegations }: StatsGroup['net']): Message {
  if (delegations === 0) return message('text', { text: '' });
  if (low >= 0) return message('cli.stats.saved', { net: rangeText(low, high) });
  if (high <= 0) return message('cli.stats.dearer', { net: rangeText(-high, -low) });
  return message('cli.stats.between', { loss: rangeText(-low, -low), gain: rangeText(high, high) });
}

/** `$1.23 + ¥4.56`; what is not known is told, and never counts as nothing. */
function groupCostText({ cost, costUnknown }: StatsGroup, { say }: Terminal): string {
  const known = cost.map(({ currency, amount }) => exactMoney(amount, currency)).join(' + ');
  if (costUnknown === 0) return known || `${SIGN.USD}0`;
  return say(known ? message('cli.stats.costAnd', { known, unknown: costUnknown }) : message('result.costUnknown'));
}
