/** What a command that the model (or a check) chose may see and do, and what came of it. */
import type { Message } from '../messages/message.ts';
import type { NetworkUse } from './network/network-use.ts';

export interface SandboxSpec {
  /** Host path of the working tree: the only place besides `temp` that commands may write. */
  readonly workspace: string;
  /** Where the working tree appears inside (the path of the user's checkout, which it covers). Unsandboxed: `workspace`. */
  readonly mountAt: string;
  /** Host path of the delegation's private git dir; visible read-only at the same path. */
  readonly gitDir: string;
  /** Object directories of the user's repository (with those that it borrows from itself); visible read-only. */
  readonly objectDirs: readonly string[];
  /** Host folder that appears as /tmp inside and is TMPDIR and the parent of HOME. */
  readonly temp: string;
  /** Host paths that must not be visible: the state directory, the user's checkout, other workspaces. Home is hidden always. */
  readonly hidden: readonly string[];
  /** Installed dependencies and caches, which commands may change in private. */
  readonly lent: readonly LentFolder[];
  /** Host folder, out of the reach of commands, for what they write over what is lent; null = what is lent is read-only. */
  readonly layers: string | null;
  /** What the user's git gives to a repository that a test makes: whether there is an identity, and the name of the first branch. */
  readonly gitDefaults: { readonly identity: boolean; readonly branch: string | null };
  /** Host names (exact, or `*.example.org`) that a command with `network: true` may reach over the proxy. */
  readonly allowedHosts: readonly string[];
  /**
   * `required`: refuse when no sandbox program works. The user's own choices to run without: `container`, where this machine is a
   * container that the user calls disposable, and `unsandboxed`.
   */
  readonly mode: 'required' | 'container' | 'unsandboxed';
  readonly limits: SandboxLimits;
  /** The environment to take PATH, LANG and the like from (never passed on as a whole). */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface LentFolder {
  /** Where commands see it: an absolute path, in the working tree (`mountAt`) or anywhere else. */
  readonly at: string;
  /** Host folders whose files are seen together there, the first on top. None of them is ever written. [] = it begins empty. */
  readonly from: readonly string[];
  /** Files and folders in it, relative, that nobody may read. */
  readonly hidden?: readonly string[];
  /** Patterns of more such files, looked for before each command: a tool of the user's makes them while an attempt runs. */
  readonly never?: readonly string[];
  /** Folders in it, relative, in the place of which commands have their own: tools write there, and nobody may read what the user's wrote. */
  readonly notes?: readonly string[];
  /** Holds what tools make of sources, only to be quicker: what commands of an attempt left there is no matter for its checks. */
  readonly scratch?: true;
}

export interface SandboxLimits {
  /** Memory of a command's whole process tree with all that it shares, bytes. */
  readonly memoryBytes: number;
  /** Processes and threads-as-processes of a command's tree. */
  readonly processes: number;
  /** What all commands of the sandbox may write and leave in the working tree and in temp: bytes on the disk, and files. */
  readonly diskBytes: number;
  readonly diskFiles: number;
  /** Bytes of output kept in the output file; more is counted and thrown away. */
  readonly outputFileBytes: number;
}

export interface CommandOptions {
  /** Folder relative to the working tree; '' = the root. */
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly network: boolean;
  readonly signal: AbortSignal;
  /**
   * Host file that receives the whole output (bounded by the limits). It is removed again when the output was short. Its folder exists,
   * and is `temp` itself or out of the reach of commands: a folder below `temp` could be replaced by a link that leads anywhere.
   */
  readonly outputFile: string;
  /** Bytes from which on it stays; without, only what is cut here stays. */
  readonly keepOutputFrom?: number;
}

export interface CommandResult {
  /** Exit code; null when killed. 126/127 as the shell says it. */
  readonly exitCode: number | null;
  /** Why we killed it, if we did. */
  readonly killed: 'timeout' | 'memory' | 'processes' | 'disk' | 'cancelled' | null;
  /** Nothing of it ran, as its sandbox could not be made; `head` says why. */
  readonly notStarted?: true;
  /** What its shell was running when its time was over or it was cancelled, where that can be seen. */
  readonly running?: string;
  /** stdout and stderr in order of arrival: all of it, or the head and the tail when it is long. Control sequences removed. */
  readonly head: string;
  /** Empty when `head` is everything. */
  readonly tail: string;
  /** Bytes of output in all. */
  readonly totalBytes: number;
  /** Host path of the whole output where that is kept, else null. */
  readonly outputFile: string | null;
  readonly durationMs: number;
  readonly sandboxed: boolean;
  readonly use: CommandUse;
}

/** What a command used. */
export interface CommandUse {
  /** null = the network was off. */
  readonly network: NetworkUse | null;
  /** Bytes that the commands of the sandbox have written and left by now; null = not worth a word. */
  readonly disk: number | null;
}

export const NO_USE: CommandUse = { network: null, disk: null };

export interface Sandbox {
  /** `container` and `none`: there is no wall of ours. */
  readonly kind: 'bubblewrap' | 'seatbelt' | 'container' | 'none';
  /** The path of the working tree as commands see it. */
  readonly shownRoot: string;
  /** The path of the temp folder as commands see it. */
  readonly shownTemp: string;
  run(command: string, options: CommandOptions): Promise<CommandResult>;
  /** Resolves when no process of a command lives: only then may anything of the host look at what commands can change. */
  quiet(): Promise<void>;
  /** Stops the proxy and everything that still runs. Idempotent. */
  close(): Promise<void>;
}

/** `reason` is one line that says what to do: which package to install, or which setting to choose. */
export type SandboxOpening = { ok: true; sandbox: Sandbox } | { ok: false; reason: Message };
