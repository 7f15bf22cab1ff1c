import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

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
 * @param env variables of the machine that releases
 * @param version another one than that of the manifest, for updates
 */
export function pack(version: string = manifestVersion(), env: Readonly<Record<string, string>> = {}): Packed {
  const folder = mkdtempSync(path.join(tmpdir(), 'ckm-pack-'));
  const packed = spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'package.mjs'), folder, version], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (packed.status !== 0) throw new Error(`The packages could not be made:\n${packed.stdout}${packed.stderr}`);
  const file = (ending: string) => path.join(folder, `claude-kimi-mcp-${version}.${ending}`);
  return { version, tgz: file('tgz'), vsix: file('vsix'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function manifestVersion(): string {
  return (JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}

/** The files of a tar archive, as npm makes it: short names, no links. */
export function untar(file: string): Map<string, Buffer> {
  const tar = gunzipSync(readFileSync(file));
  const files = new Map<string, Buffer>();
  for (let at = 0; tar[at] !== 0; ) {
    const text = (from: number, length: number) => tar.toString('latin1', at + from, at + from + length).split('\0')[0]!;
    const size = Number.parseInt(text(124, 12), 8);
    files.set(text(0, 100), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
