import { z } from 'zod';

/** What a link of the page opens, or does, beside the commands that everybody has. */
const linkSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: z.string(), line: z.number().int().positive().optional() }),
  z.object({ kind: z.literal('test'), check: z.number().int().min(0), test: z.string() }),
  z.object({ kind: z.literal('output'), check: z.number().int().min(0), side: z.enum(['base', 'result']) }),
  z.object({ kind: z.literal('step'), step: z.number().int().min(0) }),
  z.object({ kind: z.literal('apply'), path: z.string().min(1) }),
]);
export type PageLink = z.infer<typeof linkSchema>;

/** With the attempt that the page shows, by its number. */
export const pageLinkSchema = z.tuple([z.string(), z.number(), linkSchema]);
