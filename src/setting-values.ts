/** What a value of a setting may be, and what is made of it. */
import { isIPv4 } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { unquoted } from './common/unquoted.ts';
import { message } from './messages/message.ts';

export const trimmed = z.string().trim().min(1);
/**
 * A list, or a text that is split into one, or that is one in JSON, as settings of VS Code are.
 * @param plain what is made of a part of the text
 */
const split = (by: RegExp | string, plain = (part: string) => part.trim()) =>
  z.union([z.array(trimmed), z.string().transform((text) => listInJson(text) ?? text.split(by).map(plain).filter(Boolean))]);

function listInJson(text: string): string[] | undefined {
  const parsed = z.array(trimmed).safeParse(text.trim().startsWith('[') ? parsedJson(text) : undefined);
  return parsed.success ? parsed.data : undefined;
}

/** `[a/**, b/**]`, as lists are written elsewhere, of which the first and the last part have a bracket too much. */
function withoutBrackets(patterns: readonly string[]): string[] {
  const [first = '', last = ''] = [patterns[0], patterns.at(-1)];
  const isList = patterns.length > 1 && first.startsWith('[') && last.endsWith(']') && !first.includes(']') && !last.includes('[');
  return isList ? [...patterns, unquoted(first.slice(1)), unquoted(last.slice(0, -1))].filter(Boolean) : [...patterns];
}

/** Parts of a text that only forbids, in whatever brackets and quotes somebody has them: a wrong one more forbids little, one less would free something. */
const withBare = (parts: readonly string[]): string[] => {
  const bare = parts.map((part) => part.replace(/^[[({]+|(?<![\])}])[\])}]+$/g, '').replace(/^["'`]+|(?<!["'`])["'`]+$/g, ''));
  return [...new Set([...parts.map(unquoted), ...bare])].filter(Boolean);
};
export const lines = split(/\n/);
/** Each part may have quotes of its own. */
export const list = split(/[,\s]+/, unquoted);
/** No name of a branch holds a blank; `;` and `|` may be a part of one. */
export const branches = z.union([
  z.array(trimmed),
  z.string().transform((text) => listInJson(text) ?? withBare([...text.split(/[,\s]+/), ...text.split(/[,\s;|]+/)])),
]);
export const hosts = list.refine((names) => names.every((name) => /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(name)));
export const filePatterns = split(/[,\n]+/, unquoted)
  .transform(withoutBrackets)
  .refine((patterns) => patterns.length <= 1000 && patterns.every((one) => /^!?[^!\0{}][^\0{}]{0,199}$/.test(one)));
export const pathList = split(path.delimiter).refine((paths) => paths.every((p) => path.isAbsolute(p)));
/** Only plain decimals: coercion would take `true` for 1 and `0x10` for 16. */
const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^\s*(\d+(\.\d*)?|\.\d+)\s*$/)
    .transform(Number),
]);
export const integer = (low: number, high: number) => number.pipe(z.number().int().min(low).max(high));
export const positive = number.pipe(z.number().positive());
/** A bounded whole number, and the words for its bounds. */
export const whole = (
  low: number,
  high: number,
  unit: 'integer' | 'seconds' | 'tokens' | 'kilobytes' | 'megabytes' | 'days' = 'integer',
) => ({
  schema: integer(low, high),
  allowed: message(`allowed.${unit}`, { low, high }),
});
/** One of a few words, and the words for them. */
export const either = <const W extends readonly [string, string, ...string[]]>(...words: W) => ({
  schema: z.enum(words),
  allowed: message('allowed.either', { first: words.slice(0, -1), last: words.at(-1) ?? '' }),
});
/** As variables say it, or as settings do. */
export const yesOrNo = {
  schema: z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]),
  allowed: message('allowed.either', { first: ['true'], last: 'false' }),
};
/** This machine, a private address, or a name without a dot. `10.example.org` is a name like any other. */
function isPrivateHost(host: string): boolean {
  if (isIPv4(host)) return /^(127|10|192\.168|172\.(1[6-9]|2\d|3[01]))\./.test(host);
  return host === '[::1]' || !/[.:]/.test(host);
}

/** Plain http would carry the key in the clear; it is allowed only where the wire is the user's own. */
export const baseUrl = trimmed.transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null; // URL.parse came with Node 22
  const safe = url && (url.protocol === 'https:' || (url.protocol === 'http:' && isPrivateHost(url.hostname)));
  if (!safe || url.username || url.password || url.search || url.hash) {
    context.addIssue({ code: 'custom', message: 'not an https URL' });
    return z.NEVER;
  }
  return url.href.replace(/(?<!\/)\/+$/, '').replace(BELOW_THE_BASE, '');
});
/** The address of one thing below the base URL, as examples of requests show it. */
const BELOW_THE_BASE = /(?<!\/)\/+(chat(\/completions)?|completions|responses|embeddings|models)$/;

/** Documentation shows a key in its header, and shells that keep quotes show it quoted. */
export const apiKey = z
  .string()
  .transform((text) => unquoted(unquoted(text).replace(/^Bearer\s+/i, '')))
  .pipe(
    z
      .string()
      .regex(/^[\x21-\x7e]{8,512}$/)
      .refine((key) => !key.includes('${'), 'an unexpanded variable'),
  );

/** What may be sent: one word for every repository, or an object of folders (`*` = all others) and words. */
export const repositories = z.preprocess(
  (given) => (typeof given === 'string' ? (parsedJson(given) ?? { '*': given.trim() }) : given),
  z.record(z.string(), z.enum(['allow', 'ask', 'deny'])),
);

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const prices = z
  .string()
  .regex(/^\s*\d+(\.\d+)?\s*\/\s*\d+(\.\d+)?\s*\/\s*\d+(\.\d+)?\s*$/)
  .transform((text) => {
    const [hit, miss, output] = text.split('/').map(Number) as [number, number, number];
    return { hit, miss, out: output };
  });

/** Variables that forbid, as somebody may remember their names; one that counts for nothing would not be noticed. */
const REFUSALS = [
  [/^(KIMI)?NEVERSEN[DT]S?$/, 'KIMI_NEVER_SEND'],
  [/^(KIMI)?PROTECT(ED)?BRANCH(ES)?$/, 'KIMI_PROTECTED_BRANCHES'],
  [/^KIMIREPOSITOR(Y|IES)$/, 'KIMI_REPOSITORIES'],
] as const;

/**
 * A variable whose name is nearly one of those, and that one.
 * @param isOurs whether all of the variables are for this program, so that they need not begin with its name
 */
export function misnamed(variables: Readonly<Record<string, string | undefined>>, isOurs: boolean) {
  for (const [given, value] of Object.entries(variables)) {
    const name = given
      .toUpperCase()
      .replace(/[^A-Z]/g, '')
      .replace(/^CLAUDE(?=KIMI)/, '');
    const variable = isOurs || name.startsWith('KIMI') ? REFUSALS.find(([known]) => known.test(name))?.[1] : undefined;
    // On Windows the case of a name counts for nothing.
    if (variable && given !== variable && value?.trim() && variables[variable] !== value) return { given, variable };
  }
  return undefined;
}
