import { api } from './en/api.ts';
import { attempts } from './en/attempts.ts';
import { calls } from './en/calls.ts';
import { cli } from './en/cli.ts';
import { cliLog } from './en/cli-log.ts';
import { repositories } from './en/repositories.ts';
import { results } from './en/results.ts';
import { machine } from './en/set-up.ts';
import { warnings } from './en/warnings.ts';

/**
 * Every sentence that the program says of itself, by its code; `{name}` is an argument. Who reads the code knows the arguments from here,
 * and so does the compiler. Claude reads these texts.
 */
export const en = {
  ...api,
  ...attempts,
  ...calls,
  ...cli,
  ...cliLog,
  ...machine,
  ...repositories,
  ...results,
  ...warnings,
  /** Words of somebody else. */
  text: '{text}',
  /** Said by a newer version. */
  unknown: '{code} ({values})',
  'sentences.two': '{first} {rest}',
  'list.more': '{first} and {more} more',
} as const;
