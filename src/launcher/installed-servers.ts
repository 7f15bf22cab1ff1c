import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compareVersions, validate } from 'compare-versions';
import { namesIn } from '../common/list-names.ts';

/** `<state>/servers/<version>.json`: one installed server. Read by the launcher. */
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
    if (typeof version !== 'string' || !validate(version) || typeof server !== 'string' || !path.isAbsolute(server)) return [];
    return [{ version, server, runtime: String(runtime ?? ''), electron: electron === true, installedAt: String(installedAt ?? '') }];
  } catch {
    return [];
  }
}

/** Whether a version is newer than another; what is no version is not. */
export function isNewer(version: string, than: string): boolean {
  return validate(version) && validate(than) && compareVersions(version, than) > 0;
}
