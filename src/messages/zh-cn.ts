import type { en } from './en.ts';
import { api } from './zh-cn/api.ts';
import { attempts } from './zh-cn/attempts.ts';
import { calls } from './zh-cn/calls.ts';
import { cli } from './zh-cn/cli.ts';
import { cliLog } from './zh-cn/cli-log.ts';
import { repositories } from './zh-cn/repositories.ts';
import { results } from './zh-cn/results.ts';
import { machine } from './zh-cn/set-up.ts';
import { warnings } from './zh-cn/warnings.ts';

/** The same in Chinese: a code without a text does not compile. */
export const zhCn: Readonly<Record<keyof typeof en, string>> = {
  ...api,
  ...attempts,
  ...calls,
  ...cli,
  ...cliLog,
  ...machine,
  ...repositories,
  ...results,
  ...warnings,
  text: '{text}',
  unknown: '{code}（{values}）',
  'sentences.two': '{first}{rest}',
  'list.more': '{first} 及其他 {more} 项',
};
