import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { SCOPES } from '../../claude/registration.ts';
import { errorCode } from '../../common/caught-error.ts';
import { resolveSettings } from '../../config.ts';
import { type Message, message, sentences } from '../../messages/message.ts';
import type { Answers } from '../../setup/answers.ts';
import { REGIONS } from '../../setup/kimi-account.ts';
import type { Context } from '../command.ts';
import type { SetupOptions } from './setup-options.ts';

/** `misused`: the words of the command are wrong; else what they name is. */
export type ReadAnswers =
  | { readonly ok: true; readonly answers: Answers }
  | { readonly ok: false; readonly misused: boolean; readonly problem: Message };

const RULES = { en: 'en', zh: 'zh-cn', none: null } as const;
const [CHINA, INTERNATIONAL] = REGIONS;
const REGION_URLS = { cn: CHINA, intl: INTERNATIONAL } as const;

/** The answers that were given as options. */
export async function readAnswers(options: SetupOptions, { cwd }: Pick<Context, 'cwd'>): Promise<ReadAnswers> {
  const misused = (problem: Message) => ({ ok: false, misused: true, problem }) as const;
  if (options.key !== undefined) return misused(message('cli.setup.keyInWords'));
  const both = pairs(options).find(([first, second]) => first[1] && second[1]);
  if (both) return misused(message('cli.oneOf', { first: both[0][0], second: both[1][0] }));
  const wrong = wrongWord(options);
  if (wrong) return misused(wrong);
  const budget = options.budget === undefined ? undefined : Number(options.budget.replace(',', '.'));
  if (budget !== undefined && !(budget > 0 && Number.isFinite(budget)))
    return misused(message('cli.setup.noAmount', { value: options.budget! }));
  const baseUrl = options['base-url'] ?? (options.region && REGION_URLS[options.region as keyof typeof REGION_URLS]);
  const address = baseUrl === undefined ? null : resolveSettings([{ source: 'file', label: '--base-url', values: { baseUrl } }]);
  if (address && !address.ok) return misused(sentences(address.problems));
  const key = await readKey(options, cwd);
  if (!key.ok) return { ok: false, misused: false, problem: key.problem };
  return {
    ok: true,
    answers: {
      ...(key.key !== undefined && { key: key.key }),
      ...(options['no-check'] && { check: false }),
      ...(address?.ok && { baseUrl: address.settings.values.baseUrl }),
      ...(options.model !== undefined && { model: options.model }),
      ...(budget !== undefined && { budget }),
      ...(options.repositories !== undefined && { repositories: options.repositories as 'allow' }),
      ...(options.sandbox !== undefined && { sandbox: options.sandbox as 'required' }),
      ...(options.scope !== undefined && { scope: options.scope as 'user' }),
      ...(options.rules !== undefined && { rules: RULES[options.rules as keyof typeof RULES] }),
      ...(options['no-permissions'] && { permissions: false }),
      ...(options['no-connect'] && { connect: false }),
    },
  };
}

function pairs(options: SetupOptions) {
  const given = (name: keyof SetupOptions) => [`--${name}`, options[name] !== undefined] as const;
  return [
    [given('key-file'), given('key-stdin')],
    [given('region'), given('base-url')],
  ] as const;
}

const WORDS = {
  region: Object.keys(REGION_URLS),
  scope: SCOPES,
  rules: Object.keys(RULES),
  repositories: ['allow', 'ask', 'deny'],
  sandbox: ['required', 'container', 'unsandboxed'],
} as const;

function wrongWord(options: SetupOptions): Message | null {
  for (const [name, words] of Object.entries(WORDS)) {
    const value = options[name as keyof typeof WORDS];
    if (value !== undefined && !(words as readonly string[]).includes(value))
      return message('cli.setup.oneOfWords', { option: `--${name}`, value, words });
  }
  return null;
}

type ReadKey = { readonly ok: true; readonly key: string | undefined } | { readonly ok: false; readonly problem: Message };

async function readKey(options: SetupOptions, cwd: string): Promise<ReadKey> {
  if (options['key-stdin']) return { ok: true, key: (await readAll(process.stdin)).trim() };
  const name = options['key-file'];
  if (name === undefined) return { ok: true, key: undefined };
  const file = path.resolve(cwd, name);
  try {
    return { ok: true, key: readFileSync(file, 'utf8').trim() };
  } catch (error) {
    return { ok: false, problem: message('cli.setup.noKeyFile', { file, code: errorCode(error) ?? String(error) }) };
  }
}
