import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..');

export interface Packed {
  readonly version: string;
  /** What is published for npm, and for VS Code. */
  readonly tgz: string;
  readonly vsix: string;
  remove(): void;
}

/**
 * Both packages of what is built, as users get them, in a temporary folder.
 * @param version another one than that of the manifest, for updates
 */
export function pack(version: string = manifestVersion()): Packed {
  const folder = mkdtempSync(path.join(tmpdir(), 'ckm-pack-'));
  const packed = spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'package.mjs'), folder, version], { encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(`The packages could not be made:\n${packed.stdout}${packed.stderr}`);
  const file = (ending: string) => path.join(folder, `claude-kimi-mcp-${version}.${ending}`);
  return { version, tgz: file('tgz'), vsix: file('vsix'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function manifestVersion(): string {
  return (JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}
