import { setTimeout as pause } from 'node:timers/promises';
import { namesIn } from '../common/list-names.ts';
import { EMPTY_PROGRESS } from '../delegation/journal/attempt-progress.ts';
import { type JournalTail, tailJournal } from '../delegation/journal/journal-tail.ts';
import { attemptFiles, attemptNumbers, type DelegationFolder } from '../delegation/store/delegation-folder.ts';
import { leaseHolder } from '../delegation/store/lease.ts';
import { message, shortList } from '../messages/message.ts';
import { createStory, type Story } from './attempt-story.ts';
import { type Context, defineCommand, REPO_OPTION } from './command.ts';
import { type Found, findDelegation } from './find-delegation.ts';
import { holding, INTERRUPTED } from './hold-interrupt.ts';
import { jsonText } from './json-text.ts';

const LOOK_EVERY_MS = 200;
const NAMED_LINES = 6;

export const log = defineCommand({
  about: 'cli.log.about',
  words: ['[branch]'],
  options: {
    follow: { type: 'boolean', short: 'f', about: 'cli.option.follow' },
    attempt: { type: 'string', value: 'number', about: 'cli.option.attempt' },
    json: { type: 'boolean', about: 'cli.option.jsonLines' },
    ...REPO_OPTION,
  },
  async run(given, context) {
    const { terminal } = context;
    const { attempt, follow = false, json = false } = given.options;
    if (attempt !== undefined && !/^[1-9]\d{0,4}$/.test(attempt))
      return terminal.misuse(message('cli.noNumber', { value: attempt }), 'log');
    const found = await findDelegation(given, context);
    if (!found.ok) return found.code === 1 ? terminal.fail(found.reason) : terminal.misuse(found.reason, 'log');
    const numbers = numbersOf(found.folder);
    const wanted = attempt === undefined ? numbers : numbers.filter((number) => number === Number(attempt));
    if (attempt !== undefined && wanted.length === 0) {
      return terminal.fail(message('cli.noAttempt', { attempt, branch: found.identity.branch, attempts: numbers.join(', ') }));
    }
    const tellers = new Map<number, Teller>();
    await tell(found, wanted, tellers, context, json);
    if (!follow) {
      if (wanted.length === 0) terminal.note(message('cli.log.nothing', { branch: found.identity.branch }));
      return tellEnd(found, tellers, context);
    }
    const { interrupted } = await holding((signal) =>
      followOn(found, { number: attempt === undefined ? null : Number(attempt), tellers, json, signal }, context),
    );
    if (!interrupted) return tellEnd(found, tellers, context);
    if (await leaseHolder(found.folder.leases)) terminal.note(message('cli.log.goesOn', { branch: found.identity.branch }));
    return INTERRUPTED;
  },
});

interface Teller {
  readonly tail: JournalTail;
  readonly story: Story;
}

const numbersOf = (folder: DelegationFolder) => attemptNumbers(namesIn(folder.attempts));

/** Prints what is new in the journals. */
async function tell(
  { folder }: Found,
  numbers: readonly number[],
  tellers: Map<number, Teller>,
  { terminal }: Context,
  json: boolean,
): Promise<void> {
  for (const number of numbers) {
    const fresh = !tellers.has(number);
    const teller = tellers.get(number) ?? { tail: tailJournal(attemptFiles(folder, number).journal), story: createStory(terminal) };
    tellers.set(number, teller);
    const { lines, damaged } = await teller.tail.read();
    if (fresh && tellers.size > 1 && !json) terminal.print('');
    for (const line of lines) {
      const entry = teller.story.add(line);
      for (const text of json ? [jsonText(line)] : entry) terminal.print(text);
    }
    // Where nothing is left, that is all there is to say.
    if (damaged.length > 0 && teller.story.progress() !== EMPTY_PROGRESS)
      terminal.note(
        message('cli.log.damaged', { lines: shortList(damaged.map(String), NAMED_LINES), file: attemptFiles(folder, number).journal }),
      );
  }
}

/** What is missing for good, once nobody writes any more. @returns the exit code */
async function tellEnd({ folder }: Found, tellers: ReadonlyMap<number, Teller>, { terminal }: Context): Promise<number> {
  if (await leaseHolder(folder.leases)) return 0;
  const [last] = [...tellers.keys()].slice(-1);
  if (last !== undefined && [...tellers.values()].every(({ story }) => story.progress() === EMPTY_PROGRESS))
    return terminal.fail(message('cli.log.unreadable', { file: attemptFiles(folder, last).journal }));
  for (const [number, { tail }] of tellers) {
    const line = tail.incomplete();
    if (line !== null) terminal.note(message('cli.log.cut', { line, file: attemptFiles(folder, number).journal }));
  }
  return 0;
}

/** Goes on until nobody works on the delegation any more. */
async function followOn(
  found: Found,
  { number, tellers, json, signal }: { number: number | null; tellers: Map<number, Teller>; json: boolean; signal: AbortSignal },
  context: Context,
): Promise<void> {
  while (!signal.aborted) {
    const runs = (await leaseHolder(found.folder.leases)) !== null;
    await tell(found, number === null ? numbersOf(found.folder) : [number], tellers, context, json);
    const last = [...tellers].sort(([a], [b]) => a - b).at(-1)?.[1].story;
    if (!runs || (number !== null && last?.progress().isOver)) break;
    if (last && !json) context.terminal.status(last.status(context.now()));
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
  context.terminal.status('');
}
