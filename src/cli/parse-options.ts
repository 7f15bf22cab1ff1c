import { parseArgs } from 'node:util';
import { type Message, message } from '../messages/message.ts';
import type { Command, Given, OptionSpec } from './command.ts';
import { nearest } from './suggest-name.ts';

type Parsed = (Given & { readonly ok: true; readonly help: boolean }) | { readonly ok: false; readonly problem: Message };

/** What every command takes. */
export const HELP_OPTION = { help: { type: 'boolean', short: 'h', about: 'cli.option.help' } } as const;

/** Reads the words behind the name of a command. Node's parser splits them; what is wrong with them is said here, in the user's language. */
export function parseWords(command: Pick<Command, 'options' | 'words'>, args: readonly string[]): Parsed {
  const specs: Readonly<Record<string, OptionSpec>> = { ...command.options, ...HELP_OPTION };
  const wrong = (problem: Message) => ({ ok: false, problem }) as const;
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: specs,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const spec = specs[token.name];
    if (!spec) return wrong(unknownOption(token.rawName, Object.keys(specs)));
    if (spec.type === 'boolean' && token.value !== undefined) return wrong(message('cli.noValue', { option: token.rawName }));
    if (spec.type === 'string' && !isValue(token))
      return wrong(message('cli.valueMissing', { option: token.rawName, value: spec.value ?? 'value' }));
  }
  const most = command.words?.some((word) => word.includes('...')) ? Number.POSITIVE_INFINITY : (command.words?.length ?? 0);
  const tooMany = positionals[most];
  if (tooMany !== undefined && !values.help) return wrong(message('cli.tooMany', { word: tooMany }));
  return { ok: true, words: positionals, options: values as Given['options'], help: values.help === true };
}

/** `--repo --json` forgot the folder; `--repo=--json` did not. */
function isValue({ value, inlineValue }: { value?: string | undefined; inlineValue?: boolean | undefined }): boolean {
  return value !== undefined && (inlineValue === true || !value.startsWith('-'));
}

function unknownOption(option: string, known: readonly string[]): Message {
  const [near] = option.startsWith('--') ? nearest(option.slice(2), known) : [];
  return near ? message('cli.unknownOptionNear', { option, near: `--${near}` }) : message('cli.unknownOption', { option });
}
