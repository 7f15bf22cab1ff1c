import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The extension as users get it: a VSIX of what is built, in a temporary folder. */
export function packExtension(): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'kimi-vsix-'));
  const file = path.join(folder, 'extension.vsix');
  const packed = spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'package.mjs'), file], { encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(`The extension could not be packed:\n${packed.stdout}${packed.stderr}`);
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
