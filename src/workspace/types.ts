/** The words of the git side: the user's repository, the private copy, the commit that comes back. */
import type { Message } from '../messages/message.ts';

/** What we know of the user's repository; reading it changes nothing in it. */
export interface Repository {
  /** Root of the working tree that the caller named (real path). */
  readonly root: string;
  /** Where the caller stood, relative to the root: '' or `packages/api`. */
  readonly prefix: string;
  /** The git dir of this working tree, and the one that all linked worktrees share (real paths). */
  readonly gitDir: string;
  readonly commonDir: string;
  /** Object directories: the repository's own first, then those it borrows from (real paths). */
  readonly objectDirs: readonly string[];
  readonly objectFormat: 'sha1' | 'sha256';
  readonly shallow: boolean;
  /** HEAD at the time of the call: commit and branch (null = detached). */
  readonly head: { readonly commit: string; readonly branch: string | null };
  /** Branches checked out in any worktree -> the path of that worktree. */
  readonly checkedOut: ReadonlyMap<string, string>;
  /** Names taken for the repository's default branch (origin/HEAD, init.defaultBranch, main, master ...), those that exist. */
  readonly defaultBranches: readonly string[];
  /** user.name and user.email as git would use them, or null. */
  readonly identity: { readonly name: string; readonly email: string } | null;
  /** Local branches -> their commit, at the time of the call. */
  readonly branches: ReadonlyMap<string, string>;
  /** Branches, tags and branches of remotes by their whole names -> their object, or `ref: ` and what a symbolic one points at. */
  readonly refs: ReadonlyMap<string, string>;
  /** The effective configuration; keys as git lists them (`core.autocrlf`), the last value wins. */
  readonly config: ReadonlyMap<string, string>;
  /** Where the user's own git configuration lives; git processes that read this repository get it. */
  readonly user: UserEnvironment;
}

/** The part of the user's environment that decides which global git configuration is in force. */
export interface UserEnvironment {
  readonly home: string;
  readonly xdgConfigHome: string | null;
}

/** Which programs may turn files into objects and back; see `content-filters.ts`. */
export interface ContentFilters {
  /** For git commands that do. */
  readonly settings: readonly (readonly [key: string, value: string])[];
  /** Filters that do not run: a file of theirs that is changed would be committed as it is. */
  readonly off: ReadonlySet<string>;
}

/** The private git dir of one delegation. Only src/workspace writes it. */
export interface PrivateGit {
  /** Real path of the git dir. */
  readonly gitDir: string;
  /** The index that we use for its working tree, where that is another one than commands see (`shown-index.ts`). */
  readonly ownIndex?: string;
  readonly branch: string;
  readonly objectFormat: 'sha1' | 'sha256';
  readonly filters: ContentFilters;
}

/** Anything that git objects can be read from: a `Repository` and a `PrivateGit` both are. */
export interface ObjectSource {
  readonly gitDir: string;
}

/** A refusal that the caller can act on; it becomes `invalid_request`. */
export interface Refusal {
  readonly ok: false;
  /** What is wrong and what to do next, one or two sentences. */
  readonly reason: Message;
  /** The files that it is about. */
  readonly files?: readonly string[] | undefined;
}

export interface ChangedFile {
  readonly path: string;
  /** Set for renames. */
  readonly from?: string;
  readonly status: 'A' | 'M' | 'D' | 'R' | 'T';
  /** null for binary files. */
  readonly added: number | null;
  readonly removed: number | null;
}

/** The commit of an attempt, seen against its base. */
export interface Change {
  readonly base: string;
  readonly tip: string;
  readonly files: readonly ChangedFile[];
  readonly added: number;
  readonly removed: number;
  /** Unified diff of each file, in the order of `files` (control characters as git gives them; the report escapes). */
  readonly diffs: readonly { readonly path: string; readonly text: string }[];
}

export interface CommitIdentity {
  readonly name: string;
  readonly email: string;
  /** Seconds since the epoch and the zone, as git takes it: `1700000000 +0000`. */
  readonly date: string;
}
