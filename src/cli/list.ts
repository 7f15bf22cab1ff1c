import { checksText, costText } from '../delegation/result/result-text.ts';
import { sizeText } from '../delegation/result/size-text.ts';
import { type Ending, endingOf } from '../delegation/review/delivered-work.ts';
import {
  type DelegationIdentity,
  delegationFolder,
  listDelegations,
  newestFirst,
  unreadableDelegations,
  whyLeaveAlone,
} from '../delegation/store/delegation-folder.ts';
import { type DelegationRecord, readDelegation } from '../delegation/store/delegation-status.ts';
import { oneLine } from '../mcp/escape-untrusted.ts';
import { message } from '../messages/message.ts';
import { type RepositoryBranches, readBranches } from '../workspace/repository-branches.ts';
import { type Context, defineCommand, JSON_OPTION, REPO_OPTION } from './command.ts';
import { findRepository } from './find-delegation.ts';
import type { Listed } from './json-output.ts';
import { activityText, agoText, stateText } from './status-text.ts';
import { type Cell, tableLines } from './table.ts';
import type { Terminal } from './terminal.ts';

interface Row extends DelegationRecord {
  readonly identity: DelegationIdentity;
  readonly ending: Ending | null;
}

export const list = defineCommand({
  about: 'cli.list.about',
  words: ['[folder]'],
  options: { all: { type: 'boolean', short: 'a', about: 'cli.option.all' }, ...JSON_OPTION, ...REPO_OPTION },
  async run({ words: [folder], options }, context) {
    const { terminal, stateDir } = context;
    const opened = options.all ? null : await findRepository({ repo: folder ?? options.repo }, context);
    if (opened && !opened.ok) return terminal.fail(opened.reason);
    const here = opened?.repository.commonDir;
    const known = listDelegations(stateDir);
    const identities = known.filter(({ commonDir }) => here === undefined || commonDir === here).sort(newestFirst);
    const rows = await readRows(identities, stateDir);
    if (options.json) terminal.printJson(rows.map(listed));
    else if (rows.length === 0)
      terminal.note(
        opened
          ? message(known.length > 0 ? 'cli.list.noneHere' : 'cli.list.none', { repository: opened.repository.root })
          : message('cli.list.noneAtAll'),
      );
    else for (const line of tableOf(rows, options.all === true, context)) terminal.print(line);
    for (const unreadable of unreadableDelegations(stateDir))
      terminal.note(whyLeaveAlone(unreadable) ?? message('cli.list.unreadable', { file: unreadable.identity, folder: unreadable.root }));
    return 0;
  },
});

/** Nobody waits longer for a repository in which git waits for something. */
const BRANCHES_MS = 20_000;

async function readRows(identities: readonly DelegationIdentity[], stateDir: string): Promise<Row[]> {
  const facts = new Map<string, Promise<RepositoryBranches | null>>();
  const factsOf = ({ commonDir, repository }: DelegationIdentity) => {
    if (!facts.has(commonDir))
      facts.set(
        commonDir,
        readBranches(repository, undefined, BRANCHES_MS).catch(() => null),
      );
    return facts.get(commonDir)!;
  };
  return Promise.all(
    identities.map(async (identity) => {
      const record = await readDelegation(delegationFolder(stateDir, identity.id));
      return { ...record, identity, ending: endingOf(identity.id, record, await factsOf(identity)) };
    }),
  );
}

function tableOf(rows: readonly Row[], all: boolean, { terminal, now }: Context): string[] {
  const { say } = terminal;
  const title = (code: 'cli.list.branch' | 'cli.list.state' | 'cli.list.checks' | 'cli.list.change' | 'cli.list.cost' | 'cli.list.when') =>
    say(message(code));
  const columns = [
    { title: title('cli.list.branch'), rank: 0 },
    { title: title('cli.list.state'), rank: 0 },
    { title: title('cli.list.checks'), rank: 3 },
    { title: title('cli.list.change'), rank: 2, right: true },
    { title: title('cli.list.cost'), rank: 1, right: true },
    { title: title('cli.list.when'), rank: 4, right: true },
  ];
  if (!all)
    return tableLines(
      columns,
      rows.map((row) => cellsOf(row, terminal, now())),
      terminal,
    );
  const repositories = [...new Set(rows.map(({ identity }) => identity.repository))];
  // One table for all, so that their columns stand below one another.
  const sorted = repositories.map((repository) => rows.filter(({ identity }) => identity.repository === repository));
  const lines = tableLines(
    columns,
    sorted.flat().map((row) => cellsOf(row, terminal, now())),
    terminal,
    '  ',
  );
  const [head, ...body] = lines;
  return [
    head!,
    ...sorted.flatMap((group) => [terminal.paint('bold', oneLine(group[0]!.identity.repository, 1000)), ...body.splice(0, group.length)]),
  ];
}

function cellsOf({ identity, status, ending }: Row, { say }: Terminal, now: number): Cell[] {
  const { words, tone } = stateText(status, ending);
  const branch = { text: oneLine(identity.branch, 250) };
  const state = { text: say(words), tone };
  if (status.state !== 'ended') {
    const activity = status.state === 'running' ? oneLine(say(activityText(status.activity)), 60) : '';
    const at = status.state === 'unknown' ? Date.parse(identity.createdAt) : status.startedAt;
    return [branch, state, { text: activity, tone: 'dim' }, { text: '' }, { text: '' }, { text: say(agoText(at, now)), tone: 'dim' }];
  }
  const { result } = status;
  const checks = checksText(result.checks);
  return [
    branch,
    state,
    { text: checks ? say(checks) : '' },
    { text: result.change ? sizeText(result.change) : '' },
    { text: say(costText(result.cost)) },
    { text: say(agoText(Date.parse(result.endedAt), now)), tone: 'dim' },
  ];
}

function listed({ identity, status, ending }: Row): Listed {
  const result = status.state === 'ended' ? status.result : null;
  const under = status.state === 'running' || status.state === 'interrupted' ? status : null;
  return {
    repository: identity.repository,
    branch: identity.branch,
    state: status.state === 'running' ? 'running' : (ending ?? status.state),
    createdAt: identity.createdAt,
    attempt: result?.attempt ?? under?.attempt ?? null,
    outcome: result?.outcome ?? null,
    step: result?.steps ?? under?.step ?? null,
    maxSteps: result?.maxSteps ?? under?.maxSteps ?? null,
    base: result?.base ?? null,
    tip: result?.tip ?? null,
    added: result?.change?.added ?? null,
    removed: result?.change?.removed ?? null,
    cost: result?.cost ?? null,
    endedAt: result?.endedAt ?? null,
  };
}
