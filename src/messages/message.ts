/** What the program says of itself, as data: who says it names a code, who shows it chooses the language. */
import { z } from 'zod';
import { shellWord } from '../common/shell-word.ts';
import { en } from './en.ts';
import { zhCn } from './zh-cn.ts';

export type Code = keyof typeof en;
export type Language = 'en' | 'zh-cn';

/** What stands for a placeholder: names, numbers and words of others as they are, words of our own as messages. */
export type Argument = Item | readonly Item[];
type Item = string | number | Message;

export interface Message {
  readonly code: Code;
  readonly args: Readonly<Record<string, Argument>>;
}

type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Plain<Name> | Placeholder<Rest> : never;
/** `{branch:word}` stands in a command: somebody will run it, so what others have named is quoted as their shell reads it. */
type Plain<Name extends string> = Name extends `${infer First}:word` ? First : Name;
/** How our own command is called is no argument: whoever says the message knows it, for everybody else the command below works. */
type Asked<C extends Code> = Exclude<Placeholder<(typeof en)[C]>, 'cli'>;
/** Not in the repository, as Claude and VS Code's terminal are: there npx takes a program by that name from it. */
const ANYWHERE: Readonly<Record<string, Argument>> = { cli: 'cd ~ && npx claude-kimi-mcp' };
type Arguments<C extends Code> = Readonly<Record<Asked<C>, Argument>>;

/** The codes whose texts ask for nothing. */
export type PlainCode = { [C in Code]: Asked<C> extends never ? C : never }[Code];

/** @param args what its text asks for, by name; nothing when it asks for nothing */
export function message<C extends Code>(code: C, ...args: Asked<C> extends never ? [] : [Arguments<C>]): Message {
  return { code, args: args[0] ?? {} };
}

const TEXTS: Readonly<Record<Language, Readonly<Record<Code, string>>>> = { en, 'zh-cn': zhCn };
const COMMA: Readonly<Record<Language, string>> = { en: ', ', 'zh-cn': '、' };

/** The text of a message. A placeholder without an argument, as another version may leave one, stays as it is. */
export function say({ code, args }: Message, language: Language): string {
  const shown = (argument: Argument): string => {
    if (typeof argument === 'string') return argument;
    if (typeof argument === 'number') return String(argument);
    return isList(argument) ? argument.map(shown).join(COMMA[language]) : say(argument, language);
  };
  return TEXTS[language][code].replace(/( ?)\{(\w+)(:word)?\}( ?)/g, (whole, before: string, name: string, isWord, after: string) => {
    const argument = args[name] ?? ANYWHERE[name];
    if (argument === undefined) return whole;
    const text = isWord ? shellWord(shown(argument)) : shown(argument);
    // The blanks are for Latin words; our own words in Chinese need none. Names of others keep theirs.
    const own = language === 'zh-cn' && typeof argument === 'object' && 'code' in argument;
    return (own && CHINESE_FIRST.test(text) ? '' : before) + text + (own && CHINESE_LAST.test(text) ? '' : after);
  });
}

const CHINESE_FIRST = /^[\u4e00-\u9fff（“]/;
const CHINESE_LAST = /[\u4e00-\u9fff）”。]$/;

const isList = (argument: Message | readonly Item[]): argument is readonly Item[] => Array.isArray(argument);

/** Several sentences as one message. */
export function sentences(all: readonly [Message, ...Message[]]): Message {
  const [first, second, ...more] = all;
  return second ? message('sentences.two', { first, rest: sentences([second, ...more]) }) : first;
}

/** A list of which only the first items are named. */
export function shortList(items: readonly (string | Message)[], most: number): Argument {
  return items.length <= most ? items : message('list.more', { first: items.slice(0, most), more: items.length - most });
}

const item: z.ZodType<Item, unknown> = z.union([z.string(), z.number(), z.lazy(() => messageSchema)]);
const written = z.object({ code: z.string(), args: z.record(z.string(), z.union([item, z.array(item)])) });

/**
 * A message from a file or another process. Older versions wrote the English text itself; a code that only a newer one knows is shown
 * with its arguments.
 */
export const messageSchema: z.ZodType<Message, unknown> = z.union([z.string(), written]).transform((read) => {
  if (typeof read === 'string') return message('text', { text: read });
  if (Object.hasOwn(en, read.code)) return read as Message;
  const values = Object.values(read.args).flat();
  return values.length === 0 ? message('text', { text: read.code }) : message('unknown', { code: read.code, values });
});

/** The same where there may be none; older versions wrote an empty text for that. */
export const maybeMessageSchema: z.ZodType<Message | null, unknown> = z.union([
  z.literal('').transform(() => null),
  messageSchema,
  z.null(),
]);
