/** The words that the commands share. */
import type { PlainCode } from '../messages/message.ts';
import type { Terminal } from './terminal.ts';

export interface OptionSpec {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** What stands for its value in the help: `<folder>`. */
  readonly value?: string;
  readonly multiple?: boolean;
  /** Only there to say why not: the help does not show it. */
  readonly hidden?: boolean;
  readonly about: PlainCode;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type ValueOf<O extends OptionSpec> = O['type'] extends 'boolean' ? boolean : O['multiple'] extends true ? readonly string[] : string;

/** What somebody typed behind the name of a command. */
export interface Given<O extends OptionSpecs = OptionSpecs> {
  readonly words: readonly string[];
  readonly options: { readonly [K in keyof O]?: ValueOf<O[K]> };
}

/** What a command gets of its surroundings. */
export interface Context {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stateDir: string;
  /** Where the built programs lie. */
  readonly programFolder: string;
  now(): number;
}

export interface Command<O extends OptionSpecs = OptionSpecs> {
  /** One or two sentences for its own help. */
  readonly about: PlainCode;
  /** The words that it takes, as the help shows them: `[branch]`, `[path...]`. */
  readonly words?: readonly string[];
  readonly options: O;
  /** @returns the exit code: 0 = done, 1 = it failed, 2 = asked in a wrong way, 130 = interrupted */
  run(given: Given<O>, context: Context): Promise<number>;
}

/** Lets the compiler read the types of the options off their description. */
export function defineCommand<const O extends OptionSpecs>(command: Command<O>): Command {
  return command as unknown as Command;
}

export const REPO_OPTION = { repo: { type: 'string', short: 'C', value: 'folder', about: 'cli.option.repo' } } as const;
export const YES_OPTION = { yes: { type: 'boolean', short: 'y', about: 'cli.option.yes' } } as const;
export const JSON_OPTION = { json: { type: 'boolean', about: 'cli.option.json' } } as const;
