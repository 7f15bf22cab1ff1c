/** What a package manager runs by itself, and hooks that a manifest holds. */
import { basename } from 'node:path';
import { packageScripts } from '../../common/package-scripts.ts';
import { message } from '../../messages/message.ts';
import { type ChangedText, linesOf, quote } from './changed-text.ts';
import { blocking, note, type Rule } from './rule.ts';

const BY_ITSELF = ['preinstall', 'install', 'postinstall', 'preprepare', 'prepare', 'postprepare'];
/** Fields of a package.json that tools of hooks read. */
export const HOOK_SETTINGS = ['husky', 'simple-git-hooks', 'lint-staged', 'pre-commit', 'gitHooks'];

export const installScripts: Rule = (files, { task }) =>
  files.flatMap((file) => {
    if (basename(file.path) !== 'package.json' || file.after === null) return [];
    const [old, now] = [runByItself(file.before), runByItself(file.after)];
    return [...now].flatMap(([name, command]) => {
      if (old.get(name) === command) return [];
      const text = message('integrity.installScript', { name, command: quote(command, 80) });
      const place = lineOf(file, name);
      return [task.includes(name) ? note(text, file.path, place) : blocking(text, file.path, place)];
    });
  });

function runByItself(text: string | null): Map<string, string> {
  const scripts = packageScripts(text);
  const found = new Map(BY_ITSELF.flatMap((name) => (scripts[name] === undefined ? [] : [[name, scripts[name]] as const])));
  try {
    const manifest: unknown = JSON.parse(text ?? '{}');
    for (const name of HOOK_SETTINGS)
      if (typeof manifest === 'object' && manifest !== null && Object.hasOwn(manifest, name))
        found.set(name, JSON.stringify((manifest as Record<string, unknown>)[name]));
  } catch {} // what cannot be read runs nothing
  return found;
}

function lineOf({ after }: ChangedText, key: string): number | undefined {
  const at = linesOf(after ?? '').findIndex((line) => line.includes(`"${key}"`));
  return at < 0 ? undefined : at + 1;
}
