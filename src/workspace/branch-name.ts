/** Decides whether work may go to a branch of a given name. */
import { cutText } from '../common/cut-text.ts';
import { expandBraces, nameMatches } from '../common/glob.ts';
import { unquoted } from '../common/unquoted.ts';
import { type Message, message } from '../messages/message.ts';
import type { Refusal, Repository } from './types.ts';

const MAX_BYTES = 200;
const ALWAYS_PROTECTED = ['main', 'master', 'develop', 'trunk'];
/** Names that git itself uses for refs outside refs/heads; as a branch they would make every command ambiguous. */
const GIT_REFS = /^(@|head|[a-z]+_head|stash)$/i;
const INVISIBLE = /[\u0080-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/;

/** `checkedOutIn`: the worktree that has the branch checked out, when that is the reason; it may end. */
export type BranchCheck = { readonly ok: true; readonly tip: string | null } | (Refusal & { readonly checkedOutIn?: string });

/**
 * Whether the branch may be created (`tip` null) or continued (`tip` = where it stands now).
 * Works on what `openRepository` read and starts no process.
 * @param settings.protectedBranches names or patterns (`release/*`; `*` matches slashes too), beside the usual ones
 */
export async function checkBranch(
  repository: Repository,
  name: string,
  settings: { readonly protectedBranches: readonly string[] },
): Promise<BranchCheck> {
  const problem = branchNameProblem(name);
  if (problem !== null) return refuse(problem);
  const guard = protectedBy(repository, name, settings.protectedBranches);
  if (guard !== null) return refuse(message(guard, { name: shown(name), proposal: proposal(repository, `kimi/${name}`) }));
  const worktree = repository.checkedOut.get(name);
  if (worktree !== undefined) {
    const used = { name: shown(name), folder: worktree, proposal: freeBranchName(repository, name) };
    return { ...refuse(message('branchName.checkedOut', used)), checkedOutIn: worktree };
  }
  const target = repository.refs.get(`refs/heads/${name}`)?.match(/^ref: (?:refs\/heads\/)?(.+)$/)?.[1];
  if (target !== undefined)
    return refuse(message('branchName.symbolic', { name: shown(name), target, proposal: freeBranchName(repository, name) }));
  const conflict = conflictingBranch(repository, name);
  if (conflict !== null) {
    const free = freeBranchName(repository, name.replaceAll('/', '-'));
    return refuse(message('branchName.beside', { name: shown(name), existing: conflict, proposal: free }));
  }
  return { ok: true, tip: repository.branches.get(name) ?? null };
}

/** What is wrong with the name itself, or null. At least as strict as `git check-ref-format --branch`. */
export function branchNameProblem(given: string): Message | null {
  const name = shown(given);
  if (given === '') return message('branchName.empty', { name });
  if (Buffer.from(given).toString() !== given) return message('branchName.notText', { name });
  if (Buffer.byteLength(given) > MAX_BYTES) return message('branchName.tooLong', { name, bytes: MAX_BYTES });
  if (/[\u0000-\u0020\u007f]/.test(given)) return message('branchName.space', { name });
  if (INVISIBLE.test(given)) return message('branchName.invisible', { name });
  if (given.startsWith('-')) return message('branchName.dash', { name });
  if (/^(refs|heads|remotes|tags)(\/|$)/i.test(given)) return message('branchName.fullRef', { name });
  if (GIT_REFS.test(given)) return message('branchName.gitRef', { name });
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(given)) return message('branchName.commitId', { name });
  if (/[~^:?*[\\]/.test(given)) return message('branchName.forbidden', { name });
  if (given.includes('..') || given.includes('@{')) return message('branchName.dotsOrAt', { name });
  if (given.startsWith('/') || given.endsWith('/') || given.includes('//')) return message('branchName.emptyPart', { name });
  const parts = given.split('/');
  if (given.endsWith('.') || parts.some((part) => part.startsWith('.'))) return message('branchName.dot', { name });
  if (parts.some((part) => part.toLowerCase().endsWith('.lock'))) return message('branchName.lock', { name });
  return null;
}

/** The first of `name-2`, `name-3`, ... that is valid and free. */
export function freeBranchName(repository: Repository, name: string): string {
  for (let number = 2; ; number++) {
    const candidate = `${name}-${number}`;
    if (isFree(repository, candidate)) return candidate;
  }
}

function proposal(repository: Repository, name: string): string {
  return isFree(repository, name) ? name : freeBranchName(repository, name);
}

function isFree(repository: Repository, name: string): boolean {
  return !repository.branches.has(name) && !repository.checkedOut.has(name) && conflictingBranch(repository, name) === null;
}

function protectedBy(
  repository: Repository,
  name: string,
  patterns: readonly string[],
): 'branchName.default' | 'branchName.protected' | null {
  if (repository.defaultBranches.some((branch) => fold(branch) === fold(name))) return 'branchName.default';
  return isProtectedBy(name, patterns) ? 'branchName.protected' : null;
}

/** Whether a branch is never written, by its name. */
export function isProtectedBy(name: string, patterns: readonly string[]): boolean {
  return [...ALWAYS_PROTECTED, ...patterns].some((pattern) => matches(pattern, name));
}

/** Case and composed forms must not make a difference: file systems exist on which `Main` is `main`. */
function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

/**
 * As it is written anywhere: with what git puts in front of a branch, or as patterns of others have it (`v?`, `v[0-9]`, `{a,b}`, `release/`). Without
 * regular expressions: a folder sets such patterns, too, and with ten stars one took hours.
 */
function matches(pattern: string, name: string): boolean {
  const given = fold(unquoted(pattern)).replace(/^(\.?\/)+/, '');
  const bare = given
    .replace(/^(refs\/)?(heads\/|remotes\/[^/]+\/)/, '')
    .replace(/^(origin|upstream)\//, '')
    .replace(/^\*\*\//, '');
  const forms = [given, bare].flatMap((form) => [form, ...(form.endsWith('/') ? [form.slice(0, -1), `${form}*`] : [])]);
  return forms.flatMap((form) => expandBraces(form) ?? [form]).some((form) => nameMatches(form, fold(name)));
}

/** A ref is a file: `a` and `a/b` exclude each other, and so do `A` and `a` where case does not count. */
function conflictingBranch(repository: Repository, name: string): string | null {
  const caseCounts = repository.config.get('core.ignorecase') !== 'true';
  const same = caseCounts ? (text: string) => text : fold;
  const wanted = same(name);
  for (const branch of repository.branches.keys()) {
    const existing = same(branch);
    if (existing.startsWith(`${wanted}/`) || wanted.startsWith(`${existing}/`)) return branch;
    if (existing === wanted && branch !== name) return branch;
  }
  return null;
}

function shown(name: string): string {
  return JSON.stringify(cutText(name, 80));
}

function refuse(reason: Message): Refusal {
  return { ok: false, reason };
}
