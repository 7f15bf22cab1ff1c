import { MERGE_WAYS } from '../common/merge-way.ts';
import type { JournalEvent } from '../delegation/journal/journal.ts';
import type { Decision, DecisionContext } from '../delegation/review/decision.ts';
import { branchOfMerged, type DeliveredWork, deliveredWork } from '../delegation/review/delivered-work.ts';
import { discardDelegation, stateOfAttempts } from '../delegation/review/discard-delegation.ts';
import { mergeDelegation } from '../delegation/review/merge-delegation.ts';
import { restoreDelegation } from '../delegation/review/restore-delegation.ts';
import { undoMerge } from '../delegation/review/undo-merge.ts';
import { readAttempts } from '../delegation/store/delegation-folder.ts';
import { type DelegationRecord, readDelegation } from '../delegation/store/delegation-status.ts';
import { type Message, message } from '../messages/message.ts';
import { gitUntil } from '../workspace/limit-git.ts';
import { readBranches } from '../workspace/repository-branches.ts';
import { type Context, defineCommand, REPO_OPTION, YES_OPTION } from './command.ts';
import { type Found, findDelegation } from './find-delegation.ts';
import { holding, INTERRUPTED } from './hold-interrupt.ts';
import { basisLines } from './report-lines.ts';
import { settingsHere } from './settings-here.ts';
import type { Terminal } from './terminal.ts';

export const merge = defineCommand({
  about: 'cli.merge.about',
  words: ['[branch]'],
  options: {
    ...YES_OPTION,
    how: { type: 'string', value: 'way', about: 'cli.option.how' },
    only: { type: 'string', multiple: true, value: 'path', about: 'cli.option.only' },
    preview: { type: 'boolean', about: 'cli.option.preview' },
    check: { type: 'boolean', about: 'cli.option.mergeCheck' },
    autostash: { type: 'boolean', about: 'cli.option.autostash' },
    'no-verify': { type: 'boolean', about: 'cli.option.noVerify' },
    message: { type: 'string', short: 'm', value: 'text', about: 'cli.option.message' },
    tip: { type: 'string', value: 'commit', about: 'cli.option.tip' },
    ...REPO_OPTION,
  },
  async run(given, context) {
    const { terminal } = context;
    const { options } = given;
    if (options.tip !== undefined && !/^[0-9a-f]{7,64}$/.test(options.tip))
      return terminal.misuse(message('cli.noTip', { value: options.tip }), 'merge');
    const way = MERGE_WAYS.find((one) => one === (options.how ?? 'squash'));
    if (!way) return terminal.misuse(message('cli.noWay', { value: String(options.how), ways: MERGE_WAYS.join(', ') }), 'merge');
    const found = await findDelegation(given, context);
    if (!found.ok) return found.code === 1 ? terminal.fail(found.reason) : terminal.misuse(found.reason, 'merge');
    const basis = await basisOf(found);
    if (basis.status.state === 'running') return terminal.fail(message('cli.own.running', { branch: found.identity.branch }));
    if (!basis.work) return terminal.fail(whyNothing(found, basis));
    const { branch } = basis.work;
    const into = found.repository.head.branch;
    for (const line of basisLines(basis.work, basis.tip, terminal)) terminal.print(line);
    const question = into ? message('cli.merge.question', { branch, into }) : message('cli.merge.questionDetached', { branch });
    const preview = options.preview === true;
    const stop = await unlessAgreed(preview || options.yes, question, 'merge', terminal);
    if (stop !== null) return stop;
    const here = await settingsHere(found.repository.root, context);
    if (!here.ok) return terminal.fail(here.reason);
    const wanted = {
      expectedTip: options.tip ?? basis.tip,
      how: way,
      paths: options.only ?? [],
      preview,
      check: options.check === true,
      skipHooks: options['no-verify'] === true,
      autostash: options.autostash === true,
      message: options.message ?? null,
      into: into ?? found.repository.head.commit,
    };
    const onEvent = (event: JournalEvent) => {
      if (event.type === 'check' && event.phase === 'start') terminal.note(message('cli.merge.running', { command: event.command }));
    };
    const { settings } = here;
    return act(found, context, (decision, signal) => mergeDelegation({ ...decision, settings, env: context.env, signal, onEvent }, wanted));
  },
});

export const discard = defineCommand({
  about: 'cli.discard.about',
  words: ['[branch]'],
  options: { ...YES_OPTION, ...REPO_OPTION },
  async run(given, context) {
    const { terminal } = context;
    const found = await findDelegation(given, context);
    if (!found.ok) return found.code === 1 ? terminal.fail(found.reason) : terminal.misuse(found.reason, 'discard');
    const basis = await basisOf(found);
    const seen = stateOfAttempts(readAttempts(found.folder));
    const { branch } = found.identity;
    if (basis.status.state === 'running') return terminal.fail(message('cli.own.running', { branch }));
    if (basis.disposition?.state === 'discarded') return terminal.fail(message('cli.discard.already', { branch }));
    if (basis.disposition?.state === 'merged' && !basis.merged) return terminal.fail(message('discard.merged', { branch }));
    if (basis.work) for (const line of basisLines(basis.work, basis.tip, terminal)) terminal.print(line);
    const stop = await unlessAgreed(
      given.options.yes,
      basis.merged
        ? message('cli.discard.questionMerged', { branch: basis.merged.branch })
        : message('cli.discard.question', { branch: basis.work?.branch ?? branch }),
      'discard',
      terminal,
    );
    if (stop !== null) return stop;
    return act(found, context, (decision) => discardDelegation(decision, { expectedTip: basis.merged?.tip ?? basis.tip, seen }));
  },
});

export const restore = defineCommand({
  about: 'cli.restore.about',
  words: ['[branch]'],
  options: { 'undo-merge': { type: 'boolean', about: 'cli.option.undoMerge' }, ...REPO_OPTION },
  async run(given, context) {
    const found = await findDelegation(given, context);
    if (!found.ok) return found.code === 1 ? context.terminal.fail(found.reason) : context.terminal.misuse(found.reason, 'restore');
    return act(found, context, given.options['undo-merge'] ? undoMerge : restoreDelegation);
  },
});

/** What a decision rests on, as of now. */
type Basis = DelegationRecord & {
  /** What is left of merged work. */
  readonly merged: ReturnType<typeof branchOfMerged>;
} & ({ work: DeliveredWork; tip: string } | { work: null; tip: null });

async function basisOf({ folder, repository, identity }: Found): Promise<Basis> {
  const [record, branches] = await Promise.all([readDelegation(folder), readBranches(repository.root, repository.user)]);
  const merged = branches && branchOfMerged(identity.branch, record, branches.tips);
  const work = record.disposition ? null : deliveredWork(record.attempts, (branch) => branches?.tips.has(branch) ?? false);
  return work ? { ...record, merged, work, tip: branches!.tips.get(work.branch)! } : { ...record, merged, work: null, tip: null };
}

function whyNothing({ identity }: Found, { disposition }: Basis): Message {
  const { branch } = identity;
  if (disposition) return message(disposition.state === 'merged' ? 'cli.merge.already' : 'cli.merge.discarded', { branch });
  return message('merge.noBranch', { branch });
}

/** @returns the exit code where nothing may be done, null when the user agrees */
async function unlessAgreed(yes: boolean | undefined, question: Message, command: string, terminal: Terminal): Promise<number | null> {
  if (yes) return null;
  if (!terminal.canAsk) return terminal.misuse(message('cli.needsYes', { command }), command);
  switch (await terminal.confirm(question)) {
    case 'yes':
      return null;
    case 'no':
      terminal.note(message('cli.nothingChanged'));
      return 1;
    case 'interrupted':
      return INTERRUPTED;
  }
}

/** A decision is carried out whole or not at all: Ctrl-C waits for its end, but for no git that hangs. */
async function act(
  { repository, identity }: Found,
  { terminal, stateDir, now }: Context,
  decide: (context: DecisionContext, interrupted: AbortSignal) => Promise<Decision>,
): Promise<number> {
  const context = { repository, stateDir, branch: identity.branch, now };
  const { value: decision } = await holding((interrupted) => gitUntil(interrupted, () => decide(context, interrupted)));
  if (!decision.ok) return terminal.fail(decision.reason);
  terminal.tell(decision.text);
  return 0;
}
