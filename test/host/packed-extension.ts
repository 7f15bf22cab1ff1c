import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { pack } from '../package/pack.ts';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The extension as users get it; see pack. */
export function packExtension(version?: string): { readonly file: string; remove(): void } {
  const { vsix, remove } = pack(version);
  return { file: vsix, remove };
}

/**
 * The built extension in a folder of its own, for development mode. In our checkout it would lie beside a whole VS Code (`.cache/host`), and a
 * window takes the first color theme below the folder of an extension under development.
 */
export function copyExtension(): { readonly folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'kimi-extension-'));
  for (const name of ['dist', 'l10n', 'media', 'package.json', 'package.nls.json', 'package.nls.zh-cn.json'])
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
