import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..');

/** What users read: English, then Chinese, with the same parts in the same order. */
export const PAGES: readonly string[] = ['README.md', ...globSync('docs/*.md', { cwd: ROOT }).sort(), 'plugin/README.md'];

export function readPage(page: string): { readonly intro: string; readonly english: string; readonly chinese: string } {
  const [intro = '', english = '', chinese = ''] = readFileSync(path.join(ROOT, page), 'utf8').split(/^## (?:English|中文)$\n/m);
  return { intro, english, chinese: chinese.split('\n## License')[0]! };
}
