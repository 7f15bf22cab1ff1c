import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const START = path.join(import.meta.dirname, '..', '..', 'plugin', 'start.cjs');

describe('the start of the plugin where nothing is built', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-plugin-')));
    cpSync(START, path.join(folder, 'plugin', 'start.cjs'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A program among the packages of a folder, which notes where it ran. */
  function lay(at: string, name: string): string {
    const bin = path.join(folder, at, 'node_modules', '.bin');
    const ran = path.join(folder, `${at}-${name}-ran`);
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, name), `#!/bin/sh\necho "$PWD|$CLAUDE_PROJECT_DIR|$*" > '${ran}'\n`, { mode: 0o755 });
    return ran;
  }

  it('runs no program of the project, takes no setting of it, and tells the server which one it is', () => {
    const hostile = ['claude-kimi-mcp', 'node', 'sh', 'npx'].map((name) => lay('project', name));
    writeFileSync(path.join(folder, 'project', '.npmrc'), 'script-shell=./node_modules/.bin/sh\n');
    const own = lay('home', 'claude-kimi-mcp');
    const cwd = path.join(folder, 'project');
    // as `npm run` and direnv lay it out
    const PATH = [path.join(cwd, 'node_modules', '.bin'), 'node_modules/.bin', process.env.PATH].join(':');
    const { error } = spawnSync(process.execPath, [path.join(folder, 'plugin', 'start.cjs')], {
      cwd,
      env: { PATH, HOME: path.join(folder, 'home'), npm_config_offline: 'true', npm_config_update_notifier: 'false' },
      timeout: 50_000,
    });
    assert.equal(error, undefined);
    assert.deepEqual(hostile.filter(existsSync), []);
    assert.equal(readFileSync(own, 'utf8'), `${path.join(folder, 'home')}|${cwd}|serve\n`);
  });
});
