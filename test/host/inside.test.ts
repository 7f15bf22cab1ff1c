import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { provisionHost } from './provision.ts';
import { runTestsInHost } from './run-tests.ts';
import { packThrowaway } from './throwaway-extension.ts';
import { type Host, startHost } from './vscode-server.ts';

const HERE = import.meta.dirname;

/** The same tests as `npm run test:electron` runs in a desktop VS Code. */
describe('our extension in an extension host', function () {
  this.timeout(300_000);
  this.retries(1); // a window shares the machine with whatever else runs there; the reporter names who needed it
  let host: Host;
  let folder: string;
  let temp: string;

  before(async () => {
    const install = await provisionHost({ log: (line) => console.error(line) });
    temp = await mkdtemp(path.join(tmpdir(), 'kimi-inside-'));
    const claudeLike = { publisher: 'anthropic', name: 'claude-code' };
    const CLAUDE_LIKE_VSIX = await packThrowaway(install, path.join(temp, 'claude.vsix'), claudeLike);
    host = await startHost({ install, smokeDriver: true, env: { CLAUDE_LIKE_VSIX } });
  });
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), 'kimi-inside-')));
  });
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  after(async () => {
    await host?.close();
    if (temp) await rm(temp, { recursive: true, force: true });
  });

  it('passes the tests in test/host/inside', async () => {
    const { exitCode, output } = await runTestsInHost(host, {
      folder,
      extensionDevelopmentPath: path.join(HERE, '..', '..'),
      testsPath: path.join(HERE, 'inside'),
    });
    assert.equal(exitCode, 0, output);
    assert.match(output, /^\d+ passed, 0 failed, 0 skipped$/m);
  });
});
