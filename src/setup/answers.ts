import type { RulesLanguage } from '../claude/claude-md-rules.ts';
import type { Scope } from '../claude/registration.ts';

/** What the user has answered before being asked, by options of the command line. A step that finds its answer here does not ask. */
export interface Answers {
  readonly key?: string;
  /** The address that was chosen; without one it is found out by asking both platforms. */
  readonly baseUrl?: string;
  /** false: the key is stored without asking anybody whether it works. */
  readonly check?: boolean;
  readonly model?: string;
  readonly budget?: number;
  readonly repositories?: 'allow' | 'ask' | 'deny';
  readonly sandbox?: 'required' | 'container' | 'unsandboxed';
  readonly scope?: Scope;
  /** null: no rules are written. */
  readonly rules?: RulesLanguage | null;
  readonly permissions?: boolean;
  readonly connect?: boolean;
}
