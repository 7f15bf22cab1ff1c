import { bytesText } from '../common/bytes-text.ts';
import { findLeftovers, type Leftover, removeLeftover } from '../delegation/housekeeping/leftovers.ts';
import { listDelegations, unreadableDelegations, whyLeaveAlone } from '../delegation/store/delegation-folder.ts';
import { oneLine } from '../mcp/escape-untrusted.ts';
import { ErrorWithReason } from '../messages/error-with-reason.ts';
import { type Message, message, type PlainCode } from '../messages/message.ts';
import { openRepository } from '../workspace/open-repository.ts';
import { type Context, defineCommand, JSON_OPTION, YES_OPTION } from './command.ts';
import { holding, INTERRUPTED } from './hold-interrupt.ts';
import type { LeftoverJson } from './json-output.ts';
import { agoText } from './status-text.ts';
import { tableLines } from './table.ts';
import type { Terminal } from './terminal.ts';

const HOUR = 3_600_000;
const UNITS = { h: HOUR, d: 24 * HOUR, w: 7 * 24 * HOUR } as const;
const USUAL = '30d';

/** Removes what delegations that are over have left on the disk. */
export const clean = defineCommand({
  about: 'cli.clean.about',
  words: ['[branch...]'],
  options: {
    'older-than': { type: 'string', value: 'age', about: 'cli.option.olderThan' },
    'dry-run': { type: 'boolean', short: 'n', about: 'cli.option.dryRun' },
    ...YES_OPTION,
    ...JSON_OPTION,
  },
  async run({ words: branches, options }, context) {
    const { terminal, stateDir, now } = context;
    const age = ageOf(options['older-than'] ?? USUAL);
    if (age === null) return terminal.misuse(message('cli.noAge', { value: options['older-than'] ?? '' }), 'clean');
    const all = await findLeftovers(stateDir);
    const old = all.filter(({ lastAt }) => Date.parse(lastAt) <= now() - age);
    const wanted = branches.length === 0 ? old : old.filter(({ branch }) => branches.includes(branch));
    const unknown = branches.filter((branch) => !old.some((leftover) => leftover.branch === branch));
    if (unknown.length > 0) return terminal.fail(whyNothing(all.length === 0 ? 0 : age, unknown));
    const isNamed = await namesWork(branches, context);
    const items = wanted.filter((leftover) => !leftover.unmerged || isNamed(leftover));
    const kept = wanted.filter((leftover) => !items.includes(leftover));
    if (branches.length > 0)
      for (const { branch, repository, folder } of kept) terminal.note(message('repo.namesake', { branch, repository, folder }));
    for (const unreadable of unreadableDelegations(stateDir))
      terminal.note(whyLeaveAlone(unreadable) ?? message('cli.clean.unreadable', { file: unreadable.identity, folder: unreadable.root }));
    const dry = options['dry-run'] === true;
    if (!options.json) tell(items, kept, all.length === 0 ? 0 : age, context);
    if (items.length === 0 || dry) {
      if (options.json) terminal.printJson({ removed: false, items: items.map(plain), kept: kept.map(plain) });
      return 0;
    }
    if (!options.yes) {
      if (!terminal.canAsk || options.json) return terminal.misuse(message('cli.needsYes', { command: 'clean' }), 'clean');
      const answer = await terminal.confirm(message('cli.clean.question', sumOf(items)));
      if (answer === 'interrupted') return INTERRUPTED;
      if (answer === 'no') return terminal.fail(message('cli.nothingChanged'));
    }
    const { value: left, interrupted } = await holding((signal) => removeAll(items, signal, context));
    if (options.json)
      terminal.printJson({
        removed: true,
        items: items.filter((item) => !left.includes(item)).map(plain),
        kept: [...kept, ...left].map(plain),
      });
    else terminal.tell(message('cli.clean.done', sumOf(items.filter((item) => !left.includes(item)))));
    return interrupted ? INTERRUPTED : left.length > 0 ? 1 : 0;
  },
});

/** Whether a branch that was named is this one: the name alone does not tell whose work it is, where several repositories have such a branch. */
async function namesWork(branches: readonly string[], { stateDir, cwd }: Context): Promise<(leftover: Leftover) => boolean> {
  if (branches.length === 0) return () => false;
  const opened = await openRepository(cwd).catch(() => null);
  const here = opened?.ok ? opened.repository.commonDir : null;
  const all = listDelegations(stateDir);
  return ({ identity, branch }) =>
    identity?.commonDir === here || all.every((one) => one.branch !== branch || one.commonDir === identity?.commonDir);
}

function ageOf(text: string): number | null {
  const [, count, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  return count && unit ? Number(count) * UNITS[unit as keyof typeof UNITS] : null;
}

function ageText(ms: number): Message {
  const hours = ms / HOUR;
  return hours < 48 ? message('cli.clean.hours', { count: hours }) : message('cli.clean.days', { count: Math.floor(hours / 24) });
}

function whyNothing(age: number, branches?: readonly string[]): Message {
  if (age === 0) return branches ? message('cli.clean.noneOf', { branches }) : message('cli.clean.none');
  return branches ? message('cli.clean.unknown', { branches, age: ageText(age) }) : message('cli.clean.nothing', { age: ageText(age) });
}

const countText = (count: number): Message => (count === 1 ? message('cli.clean.one') : message('cli.clean.many', { count }));
const sumOf = (items: readonly Leftover[]) => ({ what: countText(items.length), size: bytesText(bytesOf(items)) });

const KINDS = {
  merged: 'cli.clean.merged',
  discarded: 'cli.clean.discarded',
  archived: 'cli.clean.archived',
  orphan: 'cli.clean.orphan',
  unnamed: 'cli.clean.unnamed',
} as const satisfies Readonly<Record<Leftover['kind'], PlainCode>>;

function tell(items: readonly Leftover[], kept: readonly Leftover[], age: number, context: Context): void {
  const { terminal } = context;
  if (items.length === 0) terminal.tell(kept.length > 0 ? message('cli.clean.none') : whyNothing(age));
  else {
    terminal.tell(message('cli.clean.removes', sumOf(items)), 'bold');
    for (const line of rowsOf(items, context)) terminal.print(line);
  }
  if (kept.length === 0) return;
  terminal.print('');
  terminal.tell(message('cli.clean.kept', { what: countText(kept.length) }), 'warn');
  for (const line of rowsOf(kept, context)) terminal.print(line);
}

function rowsOf(leftovers: readonly Leftover[], { terminal, now }: { terminal: Terminal; now(): number }): string[] {
  const rows = leftovers.map(({ branch, kind, bytes, lastAt, repository }) => [
    { text: oneLine(branch, 250) },
    { text: terminal.say(message(KINDS[kind])) },
    { text: bytesText(bytes) },
    { text: terminal.say(agoText(Date.parse(lastAt), now())), tone: 'dim' as const },
    { text: oneLine(repository, 250), tone: 'dim' as const },
  ]);
  return tableLines([{ rank: 0 }, { rank: 0 }, { rank: 1, right: true }, { rank: 2, right: true }, { rank: 3 }], rows, terminal, '  ');
}

/** @returns what could not be removed */
async function removeAll(items: readonly Leftover[], signal: AbortSignal, { terminal, now }: Context): Promise<Leftover[]> {
  const left: Leftover[] = [];
  for (const item of items) {
    const why = signal.aborted ? null : await whyLeft(item, now);
    if (why === undefined) continue;
    left.push(item);
    terminal.note(message('cli.clean.left', { branch: oneLine(item.branch, 250), folder: item.folder }));
    if (why !== null) terminal.note(why);
  }
  return left;
}

/** Undefined = it is removed; null = it stays, and nothing more is known. */
async function whyLeft(item: Leftover, now: () => number): Promise<Message | null | undefined> {
  try {
    return (await removeLeftover(item, now)) ? undefined : null;
  } catch (error) {
    return error instanceof ErrorWithReason ? error.reason : null;
  }
}

const bytesOf = (items: readonly Leftover[]) => items.reduce((sum, { bytes }) => sum + bytes, 0);

function plain({ identity: _, files: __, stamp: ___, ...rest }: Leftover): LeftoverJson {
  return rest;
}
