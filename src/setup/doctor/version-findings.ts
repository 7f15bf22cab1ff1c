import { z } from 'zod';
import { boundedJson } from '../../common/bounded-json.ts';
import { isNewer } from '../../launcher/installed-servers.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

const REGISTRY = 'https://registry.npmjs.org/';
/** Nobody waits for that. */
const PATIENCE_MS = 3000;

/** Whether there is a newer version. VS Code updates its extensions by itself. */
export async function versionFindings({ t, door, version, fetch, env, askForUpdates }: SetupContext): Promise<Finding[]> {
  const { update } = door.remedies;
  if (update === undefined) return [];
  const own: Finding = { subject: 'version', state: 'good', found: version };
  if (!askForUpdates) return [own];
  const newest = await newestVersion(fetch, env.npm_config_registry || REGISTRY);
  if (newest === null) return [{ ...own, found: t('{0}; whether there is a newer one is not known (no answer of npm)', version) }];
  if (!isNewer(newest, version)) return [{ ...own, found: t('{0}, the newest', version) }];
  return [{ ...own, state: 'note', found: t('{0}; there is {1}', version, newest), remedy: update }];
}

async function newestVersion(ask: typeof fetch, registry: string): Promise<string | null> {
  try {
    const response = await ask(new URL('claude-kimi-mcp/latest', registry), { signal: AbortSignal.timeout(PATIENCE_MS) });
    const { version } = z.object({ version: z.string() }).parse(await boundedJson(response));
    return version;
  } catch {
    return null;
  }
}
