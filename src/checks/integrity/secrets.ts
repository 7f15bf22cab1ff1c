/** Secrets, by their form, that no changed file of the base had. */
import { findSecrets } from '../../common/secret-forms.ts';
import { message } from '../../messages/message.ts';
import { blocking, type Rule } from './rule.ts';

export const secrets: Rule = (files) => {
  let known: ReadonlySet<string> | null = null;
  return files.flatMap((file) => {
    const text = file.after;
    if (text === null || text === file.before) return [];
    const found = findSecrets(text);
    if (found.length === 0) return [];
    known ??= new Set(files.flatMap(({ before }) => (before === null ? [] : secretsIn(before))));
    const fresh = found.filter(({ start, end }) => !known?.has(text.slice(start, end)));
    // Each kind once a file: a list of them is one thing to look at.
    const kinds = new Map(fresh.reverse().map((one) => [one.kind, one]));
    return [...kinds].map(([kind, { start }]) => blocking(message('integrity.secret', { kind }), file.path, lineAt(text, start)));
  });
};

const secretsIn = (text: string): string[] => findSecrets(text).map(({ start, end }) => text.slice(start, end));

const lineAt = (text: string, index: number): number => text.slice(0, index).split('\n').length;
