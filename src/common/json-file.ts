import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { writeWhole } from './write-atomic.ts';

/** What a text says in JSON, or null when it is cut, no JSON, or of another shape. */
export function parseJson<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** What a file says in JSON; null also when there is no such file or it cannot be read. */
export function readJson<T>(schema: z.ZodType<T>, file: string): T | null {
  try {
    return parseJson(schema, readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** For nobody but the user, and whole or not at all. */
export function writeJson(file: string, value: unknown): void {
  writeWhole(file, `${JSON.stringify(value, null, 1)}\n`);
}
