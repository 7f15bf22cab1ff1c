/** Decides whether work may go to a branch of a given name. */
import { cutText } from '../common/cut-text.ts';
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
  if (problem !== null) return refuse(`branch_name ${shown(name)} ${problem}`);
  const guard = protectedBy(repository, name, settings.protectedBranches);
  if (guard !== null)
    return refuse(`branch_name ${shown(name)} ${guard}; choose a new name such as "${proposal(repository, `kimi/${name}`)}"`);
  const worktree = repository.checkedOut.get(name);
  if (worktree !== undefined) {
    const reason = `branch ${shown(name)} is checked out (or being rebased) in ${worktree}; use another name such as "${freeBranchName(repository, name)}"`;
    return { ok: false, reason, checkedOutIn: worktree };
  }
  const conflict = conflictingBranch(repository, name);
  if (conflict !== null) {
    return refuse(
      `branch_name ${shown(name)} cannot stand beside the existing branch "${conflict}"; choose another name such as "${freeBranchName(repository, name.replaceAll('/', '-'))}"`,
    );
  }
  return { ok: true, tip: repository.branches.get(name) ?? null };
}

/** What is wrong with the name itself, or null. At least as strict as `git check-ref-format --branch`. */
export function branchNameProblem(name: string): string | null {
  if (name === '') return 'is empty; give a name such as "kimi/fix-login"';
  if (Buffer.from(name).toString() !== name) return 'is not valid text; use letters, digits, "-", "_" and "/"';
  if (Buffer.byteLength(name) > MAX_BYTES) return `is longer than ${MAX_BYTES} bytes; choose a shorter name`;
  if (/[\u0000-\u0020\u007f]/.test(name)) return 'holds a space, line break or control character; use "-" instead';
  if (INVISIBLE.test(name)) return 'holds invisible or direction-changing characters; leave them out';
  if (name.startsWith('-')) return 'begins with "-", which git takes for an option; begin with a letter';
  if (/^(refs|heads|remotes|tags)(\/|$)/i.test(name)) return 'begins like a full ref; give only the branch name, without refs/ or heads/';
  if (GIT_REFS.test(name)) return 'is a name that git uses itself; choose another';
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(name)) return 'looks like a commit id; choose a name';
  if (/[~^:?*[\\]/.test(name)) return 'holds one of ~ ^ : ? * [ \\, which git forbids; leave them out';
  if (name.includes('..') || name.includes('@{')) return 'holds ".." or "@{", which git forbids; leave them out';
  if (name.startsWith('/') || name.endsWith('/') || name.includes('//')) return 'has an empty part between slashes; remove the extra "/"';
  const parts = name.split('/');
  if (name.endsWith('.') || parts.some((part) => part.startsWith('.')))
    return 'has a part that begins with "." or ends with one; remove the dot';
  if (parts.some((part) => part.toLowerCase().endsWith('.lock')))
    return 'has a part that ends with ".lock", which git forbids; choose another ending';
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

function protectedBy(repository: Repository, name: string, patterns: readonly string[]): string | null {
  if (repository.defaultBranches.some((branch) => fold(branch) === fold(name))) return 'is a default branch of this repository';
  if ([...ALWAYS_PROTECTED, ...patterns].some((pattern) => matches(pattern, name))) return 'is protected';
  return null;
}

/** Case and composed forms must not make a difference: file systems exist on which `Main` is `main`. */
function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

function matches(pattern: string, name: string): boolean {
  const source = fold(pattern)
    .split('*')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${source}$`, 's').test(fold(name));
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

function refuse(reason: string): Refusal {
  return { ok: false, reason };
}
