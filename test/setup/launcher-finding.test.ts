import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installLauncher } from '../../src/launcher/install-launcher.ts';
import { inEnglish } from '../../src/messages/translate.ts';
import { launcherFindings } from '../../src/setup/doctor/claude-findings.ts';
import { terminalDoor } from '../../src/setup/door.ts';
import { DIST } from '../fakes/mcp-client.ts';
import { type PlayedContext, playContext, playUser } from './played-user.ts';

describe('doctor, of the version that the launcher starts', () => {
  let context: PlayedContext;
  beforeEach(() => {
    context = playContext(playUser([]), { door: terminalDoor(inEnglish, '.env', 'claude-kimi-mcp') });
  });
  afterEach(() => context.remove());
  const installed = (version: string, dist: string) =>
    installLauncher({ stateDir: context.stateDir, dist, version, runtime: context.runtime, platform: process.platform, now: Date.now });
  const found = () => launcherFindings(context).map(({ state, found, remedy }) => [state, found.split(' with ')[0], remedy]);
  const elsewhere = () => {
    const dist = path.join(context.home, 'elsewhere');
    mkdirSync(dist);
    for (const name of ['server.cjs', 'launch.cjs']) writeFileSync(path.join(dist, name), '');
    return dist;
  };

  it('is this one after an update in place, by whatever version it was installed', () => {
    installed('1.2.2', DIST);
    assert.deepEqual(found(), [['good', 'starts version 1.2.3', undefined]]);
  });

  it('is an older one at another place, until the set-up is run here', () => {
    installed('1.2.2', elsewhere());
    assert.deepEqual(found(), [['note', 'starts version 1.2.2', 'Run: claude-kimi-mcp setup']]);
    installed('1.2.3', DIST);
    assert.deepEqual(found(), [['good', 'starts version 1.2.3', undefined]]);
  });

  it('may be a newer one at another place', () => {
    installed('1.2.4', elsewhere());
    assert.deepEqual(found(), [['note', 'starts version 1.2.4', undefined]]);
  });
});
