/** The words that the calls of this room share. */

import type { ProxyFetch } from '../agent/model/proxy-fetch.ts';
import type { SettingSources } from '../broker/setting-sources.ts';
import type { Clock } from '../common/clock.ts';
import type { Threads } from '../delegation/thread/server-threads.ts';
import type { ToolAnswer } from './tool-answer.ts';
import type { ToolArguments } from './tool-arguments.ts';
import type { ToolName } from './tool-schemas.ts';

/** A progress notification. */
export interface Progress {
  readonly progress: number;
  readonly total: number;
  readonly message: string;
}

/** What a tool handler learns about the call and may do for it. */
export interface CallContext {
  /** `claude-code`, or whatever the client calls itself. */
  readonly clientName: string;
  /** Roots that the client told, as paths. */
  readonly roots: readonly string[];
  /** Fires when the client cancels this call. */
  readonly signal: AbortSignal;
  /** Sends a progress notification; without a progress token it does nothing. */
  progress(progress: Progress): void;
}

export type ToolHandler = (name: ToolName, args: Record<string, unknown>, call: CallContext) => Promise<ToolAnswer>;

/** A handler for each tool, which gets the arguments as the schema of the tool gives them. */
export type ToolHandlers<Names extends ToolName = ToolName> = {
  readonly [K in Names]: (given: ToolArguments[K], call: CallContext) => Promise<ToolAnswer>;
};

export interface CallsOptions {
  readonly stateDir: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Settings of everything but the call; read again for each call, so that a change counts at once. */
  settingsFor(repoPath: string): Promise<SettingSources>;
  /** Do what reads the work of a model, so that the calls of this room wait for none of it. */
  readonly threads: Omit<Threads, 'warmUp' | 'close'>;
  /** A fetch that goes through the user's proxy, when there is one. */
  proxied(): Promise<ProxyFetch>;
}
