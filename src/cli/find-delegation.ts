import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  type DelegationFolder,
  type DelegationIdentity,
  delegationFolder,
  listDelegations,
  newestFirst,
} from '../delegation/store/delegation-folder.ts';
import { type Message, message, shortList } from '../messages/message.ts';
import { openRepository } from '../workspace/open-repository.ts';
import type { Repository } from '../workspace/types.ts';
import type { Context, Given } from './command.ts';
import { nearest } from './suggest-name.ts';

/** What a command cannot go on without, and its exit code. */
export interface Failure {
  readonly ok: false;
  readonly code: 1 | 2;
  readonly reason: Message;
}

const NAMED = 6;

type RepoOption = { readonly repo?: string };

/** The repository around the current folder, or around the one that `--repo` names. */
export async function findRepository(
  { repo }: RepoOption,
  { cwd, stateDir }: Context,
): Promise<{ ok: true; repository: Repository } | Failure> {
  const folder = path.resolve(cwd, repo ?? '.');
  if (repo !== undefined && !existsSync(folder)) return { ok: false, code: 1, reason: message('cli.noFolder', { folder }) };
  const opened = await openRepository(folder);
  if (opened.ok) return opened;
  const elsewhere = [
    ...new Set(
      listDelegations(stateDir)
        .sort(newestFirst)
        .map(({ repository }) => repository),
    ),
  ];
  const outside = opened.reason.code === 'repo.none';
  if (!outside) return { ok: false, code: 1, reason: opened.reason };
  if (elsewhere.length === 0) return { ok: false, code: 1, reason: message('cli.noRepository', { folder }) };
  return { ok: false, code: 1, reason: message('cli.noRepositoryButThere', { folder, repositories: shortList(elsewhere, NAMED) }) };
}

/** One delegation and what it lies in. */
export interface Found {
  readonly ok: true;
  readonly repository: Repository;
  readonly identity: DelegationIdentity;
  readonly folder: DelegationFolder;
}

/**
 * The delegation that a command is about: on the branch that it names. Without one it is the delegation on the branch that is checked
 * out, or the only one that there is.
 */
export async function findDelegation(given: Pick<Given, 'words'> & { options: RepoOption }, context: Context): Promise<Found | Failure> {
  const opened = await findRepository(given.options, context);
  if (!opened.ok) return opened;
  const { repository } = opened;
  const all = listDelegations(context.stateDir)
    .filter(({ commonDir }) => commonDir === repository.commonDir)
    .sort(newestFirst);
  const [word] = given.words;
  const identity = word === undefined ? theOnly(all, repository) : named(all, word);
  if (identity) return { ok: true, repository, identity, folder: delegationFolder(context.stateDir, identity.id) };
  const branches = all.map(({ branch }) => branch);
  if (branches.length === 0) return { ok: false, code: 1, reason: message('cli.noDelegations', { repository: repository.root }) };
  if (word === undefined) return { ok: false, code: 2, reason: message('cli.whichBranch', { branches: shortList(branches, NAMED) }) };
  return { ok: false, code: 1, reason: whyUnknown(word, branches, repository) };
}

function theOnly(all: readonly DelegationIdentity[], { head }: Repository): DelegationIdentity | undefined {
  return all.length === 1 ? all[0] : all.find(({ branch }) => branch === head.branch);
}

/** As git itself shows it too: with `refs/heads/`. */
function named(all: readonly DelegationIdentity[], word: string): DelegationIdentity | undefined {
  return all.find(({ branch }) => branch === word || `refs/heads/${branch}` === word);
}

function whyUnknown(word: string, branches: readonly string[], repository: Repository): Message {
  const near = nearest(word, branches, 3);
  if (near.length > 0) return message('cli.unknownBranchNear', { branch: word, near });
  const code = repository.branches.has(word) ? 'cli.branchNotDelegated' : 'cli.unknownBranch';
  return message(code, { branch: word, branches: shortList(branches, NAMED) });
}
