import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from '../common/names-in.ts';

/** `<state>/servers/<version>.json`: one installed server. Read by the launcher, so without any package. */
export interface InstalledServer {
  readonly version: string;
  /** Absolute path of `server.cjs`. */
  readonly server: string;
  /** The program that can run it: Node, or VS Code's own. */
  readonly runtime: string;
  /** The runtime is VS Code's own and runs scripts only with ELECTRON_RUN_AS_NODE=1. */
  readonly electron: boolean;
  /** ISO 8601. */
  readonly installedAt: string;
}

/** The servers that are really there, newest version first. Records that cannot be read, or whose server is gone, are left out. */
export function installedServers(stateDir: string): InstalledServer[] {
  const folder = path.join(stateDir, 'servers');
  return namesIn(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => readRecord(path.join(folder, name)))
    .filter(({ server }) => existsSync(server))
    .sort((a, b) => compareVersions(b.version, a.version));
}

function readRecord(file: string): InstalledServer[] {
  try {
    const { version, server, runtime, electron, installedAt } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (typeof version !== 'string' || typeof server !== 'string' || !path.isAbsolute(server)) return [];
    return [{ version, server, runtime: String(runtime ?? ''), electron: electron === true, installedAt: String(installedAt ?? '') }];
  } catch {
    return [];
  }
}

/** The order of semantic versions: 1.10.0 after 1.9.0, and 1.0.0 after 1.0.0-beta.2. */
export function compareVersions(a: string, b: string): number {
  const [coreA, preA] = parts(a);
  const [coreB, preB] = parts(b);
  const core = compareLists(coreA, coreB);
  if (core !== 0) return core;
  if (preA.length === 0 || preB.length === 0) return Number(preA.length === 0) - Number(preB.length === 0);
  return compareLists(preA, preB);
}

function parts(version: string): [string[], string[]] {
  const [whole = ''] = version.split('+');
  const dash = whole.indexOf('-');
  return dash < 0 ? [whole.split('.'), []] : [whole.slice(0, dash).split('.'), whole.slice(dash + 1).split('.')];
}

function compareLists(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const x = a[i];
    const y = b[i];
    if (x === y) continue;
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    const numbers = /^\d+$/.test(x) && /^\d+$/.test(y);
    if (numbers && Number(x) !== Number(y)) return Number(x) - Number(y);
    if (!numbers) return /^\d+$/.test(x) ? -1 : /^\d+$/.test(y) ? 1 : x < y ? -1 : 1;
  }
  return 0;
}
