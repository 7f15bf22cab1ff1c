/**
 * What the user forbids in the settings of an editor, kept for servers while no window of it is open, or has the repository open: a server with a key of
 * its own works then all the same. What windows say while they are open is the same, and more.
 */
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { parseJson, writeJson } from '../common/json-file.ts';
import { namesIn } from '../common/list-names.ts';
import { makePrivateFolder } from '../common/private-folder.ts';
import { readPlainFile } from '../common/read-plain-file.ts';
import type { SettingLayer } from '../config.ts';
import { message } from '../messages/message.ts';
import { isSaidNo, type Repositories } from './consent.ts';

const ENDING = '.refusals';
const MOST_BYTES = 4 * 2 ** 20;

const keptSchema = z.object({
  v: z.literal(1),
  neverSend: z.array(z.unknown()).optional(),
  protectedBranches: z.array(z.unknown()).optional(),
  repositories: z.record(z.string(), z.enum(['allow', 'deny'])).optional(),
});
export type KeptRefusals = Omit<z.infer<typeof keptSchema>, 'v'>;

/** Of lists as they are set, what forbids something, and what nobody can read, to be told as while the editor is open; `undefined` = nothing does. */
export function refusalsIn(set: {
  readonly neverSend: readonly unknown[];
  readonly protectedBranches: readonly unknown[];
  readonly repositories: Repositories;
}): KeptRefusals | undefined {
  const neverSend = set.neverSend.filter((one) => typeof one !== 'string' || !one.startsWith('!'));
  const protectedBranches = [...set.protectedBranches];
  const refused = Object.entries(set.repositories).filter(([name, word]) => isSaidNo(name, word));
  // What is allowed beside a no to all others; without one, whoever brings a key has agreed to the rest.
  const allowed = Object.entries(set.repositories).filter(([, word]) => word === 'allow');
  const others = refused.some(([name]) => name === '*') ? allowed : [['*', 'allow']];
  const words = [...others, ...refused.map(([name]) => [name, 'deny'])];
  const kept = {
    ...(neverSend.length > 0 && { neverSend }),
    ...(protectedBranches.length > 0 && { protectedBranches }),
    ...(refused.length > 0 && { repositories: Object.fromEntries(words) }),
  };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** @param editor whatever tells one editor of the user's from another */
export function keepRefusals(stateDir: string, editor: string, refusals: KeptRefusals | undefined): void {
  const folder = path.join(stateDir, 'windows');
  const file = path.join(folder, `${createHash('sha256').update(editor).digest('hex').slice(0, 16)}${ENDING}`);
  if (refusals) {
    makePrivateFolder(folder);
    writeJson(file, { v: 1, ...refusals });
  } else rmSync(file, { force: true });
}

/** One layer for each editor, to stand behind all others. One that cannot be read may be a refusal, and is told. */
export function keptRefusals(stateDir: string): SettingLayer[] {
  const folder = path.join(stateDir, 'windows');
  return namesIn(folder)
    .filter((name) => name.endsWith(ENDING))
    .map((name): SettingLayer => {
      const file = path.join(folder, name);
      const label = message('origin.editor', { file });
      const read = parseJson(keptSchema, readPlainFile(file, MOST_BYTES)?.toString('utf8') ?? '');
      if (read === null)
        return { source: 'window', label, values: {}, problem: message('setting.unreadable', { file, code: 'no list of refusals' }) };
      const { v: _, ...values } = read;
      return { source: 'window', label, values };
    });
}
