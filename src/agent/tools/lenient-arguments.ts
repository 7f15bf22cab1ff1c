/** Reads the arguments that a model wrote: tolerant in form, exact in meaning, and an error that teaches. */
import { z } from 'zod';

/** Argument name -> other names for it, in lower case without `_` and `-`. */
export type AliasTable = Readonly<Record<string, readonly string[]>>;

export type Parsed<A> = { ok: true; value: A } | { ok: false; message: string };

/** Names that models use for the path of a file. */
export const PATH_ALIASES = ['filepath', 'filename', 'file', 'absolutepath', 'targetfile', 'relativepath'] as const;

/** A whole number, also as a string (`"12"`); `null` and `""` count as not given. */
export const wholeNumber = z.preprocess(lenientNumber, z.number('must be a number').transform(Math.trunc).optional());

/** A yes or no, also as a string; `null` and `""` count as not given. */
export const yesOrNo = z.preprocess(lenientBoolean, z.boolean('must be true or false').optional());

/** An optional string; `null` counts as not given. */
export const optionalText = z.preprocess((value) => value ?? undefined, z.string('must be a string').optional());

/** A string that must be there. */
export const requiredText = z.string('must be a string');

/** Text for a file. A half of a surrogate pair has no bytes: a file would get U+FFFD in its place. */
export const fileText = requiredText.refine(
  (text) => text.isWellFormed(),
  'holds half of a character (a \\ud8.. or \\udc.. escape without the other half); write the character itself',
);

/** A string that must be there and not be empty. */
export const filledText = requiredText.min(1, 'must not be empty');

export function parseArguments<A>(
  tool: { name: string; schema: z.ZodType<A>; aliases: AliasTable; example: string },
  args: unknown,
): Parsed<A> {
  const given = asObject(args);
  if (given === null) return { ok: false, message: `${tool.name}: the arguments must be one JSON object, for example ${tool.example}` };
  const result = tool.schema.safeParse(withCanonicalNames(given, tool.aliases));
  if (result.success) return { ok: true, value: result.data };
  const problems = result.error.issues.slice(0, 3).map((issue) => describe(issue, given));
  return { ok: false, message: `${tool.name}: ${problems.join('; ')}. Right form: ${tool.example}` };
}

/** Renames the aliases among the keys; a key that is there under its own name wins. Unknown keys stay and are ignored later. */
export function withCanonicalNames(given: Record<string, unknown>, aliases: AliasTable): Record<string, unknown> {
  const result: Record<string, unknown> = { ...given };
  for (const [name, others] of Object.entries(aliases)) {
    if (given[name] !== undefined) continue;
    const flatName = flatten(name);
    const key = Object.keys(given).find((candidate) => flatten(candidate) === flatName || others.includes(flatten(candidate)));
    if (key !== undefined) result[name] = given[key];
  }
  return result;
}

/** JSON in a string where a list or an object was meant (`edits: "[{...}]"`); anything else as it is. */
export function unquoteJson(value: unknown): unknown {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(args: unknown): Record<string, unknown> | null {
  if (args === undefined || args === null) return {};
  const value = unquoteJson(args);
  return isObject(value) ? value : null;
}

function flatten(key: string): string {
  return key.toLowerCase().replace(/[_-]/g, '');
}

function describe(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const where = issue.path.map(String).join('.');
  const missing = issue.path.length === 1 && issue.code === 'invalid_type' && !(where in given);
  if (missing) return `\`${where}\` is missing (given: ${Object.keys(given).slice(0, 8).join(', ') || 'nothing'})`;
  return where === '' ? issue.message : `\`${where}\` ${issue.message}`;
}

function lenientNumber(value: unknown): unknown {
  if (value === null || value === '') return undefined;
  if (typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value)) return Number(value);
  return value;
}

function lenientBoolean(value: unknown): unknown {
  if (value === null || value === '') return undefined;
  if (typeof value === 'string' && /^(true|yes|1)$/i.test(value)) return true;
  if (typeof value === 'string' && /^(false|no|0)$/i.test(value)) return false;
  if (value === 0 || value === 1) return value === 1;
  return value;
}
