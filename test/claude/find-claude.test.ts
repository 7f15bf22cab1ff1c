import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findClaude } from '../../src/claude/find-claude.ts';
import { english } from '../messages/english.ts';

describe('finding Claude Code', () => {
  let home: string;
  beforeEach(() => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-find-')));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  function program(...names: string[]): string {
    const file = path.join(home, ...names);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '#!/bin/sh\n', { mode: 0o755 });
    return file;
  }
  const find = (env: Record<string, string> = {}, setting?: string, platform: NodeJS.Platform = 'linux') =>
    findClaude({ setting, env: { PATH: '/nonexistent', ...env }, platform, home, systemFolders: [] });
  const claude = async (...args: Parameters<typeof find>) => {
    const search = await find(...args);
    assert.ok(search.ok, search.ok ? '' : english(search.reason));
    return search.claude;
  };

  it('takes the setting before all, then PATH, then the usual folders', async () => {
    const usual = program('.local/bin/claude');
    assert.deepEqual(await claude(), { program: usual, how: 'a usual folder' });
    const onPath = program('tools/claude');
    assert.deepEqual(await claude({ PATH: `relative:${path.dirname(onPath)}` }), { program: onPath, how: 'PATH' });
    const set = program('elsewhere/my-claude');
    assert.deepEqual(await claude({ PATH: path.dirname(onPath) }, set), { program: set, how: 'the setting' });
    assert.deepEqual(await claude({}, '~/elsewhere/my-claude'), { program: set, how: 'the setting' });
  });

  it('does not fall back from a setting that is wrong', async () => {
    program('.local/bin/claude');
    for (const wrong of [path.join(home, 'nothing'), home, 'claude']) {
      const search = await find({}, wrong);
      assert.ok(!search.ok);
      assert.match(english(search.reason), /claudePath/);
    }
  });

  it('passes over programs of a project and files that cannot be run', async () => {
    program('project/node_modules/.bin/claude');
    writeFileSync(path.join(home, 'claude'), 'text');
    const usual = program('.claude/local/claude');
    assert.equal((await claude({ PATH: `${home}/project/node_modules/.bin:${home}` })).program, usual);
  });

  it('finds the newest under a version manager', async () => {
    program('.nvm/versions/node/v9.0.0/bin/claude');
    const newest = program('.nvm/versions/node/v24.0.0/bin/claude');
    assert.equal((await claude()).program, newest);
  });

  const USUAL: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    linux: [
      ...['.local/bin', '.claude/local', '.npm-global/bin', '.npm/bin', '.bun/bin', '.volta/bin', '.yarn/bin', 'bin'],
      ...['.nvm/versions/node/v24.0.0/bin', '.local/share/mise/installs/node/24.0.0/bin'],
    ],
    win32: ['.local/bin', '.claude/local', 'AppData/Roaming/npm', '.bun/bin'],
  };
  for (const [platform, folders] of Object.entries(USUAL) as [NodeJS.Platform, readonly string[]][])
    for (const folder of folders)
      it(`looks into ~/${folder} on ${platform}`, async () => {
        const there = program(folder, platform === 'win32' ? 'claude.exe' : 'claude');
        assert.equal((await claude({}, undefined, platform)).program, there);
      });

  it('asks the login shell, whatever its start files print', async () => {
    const hidden = program('only/the/shell/knows/claude');
    const shell = path.join(home, 'shell');
    writeFileSync(
      shell,
      `#!/bin/sh\necho "Welcome! claude is at /wrong/claude"\nPATH=${path.dirname(hidden)}:/usr/bin:/bin\nshift 2\nexec /bin/sh "$@"\n`,
      { mode: 0o755 },
    );
    assert.deepEqual(await claude({ SHELL: shell }), { program: hidden, how: 'the login shell' });
  });

  it('says what to do when there is none', async () => {
    const search = await find({ SHELL: '/bin/sh' });
    assert.ok(!search.ok);
    assert.match(english(search.reason), /Install it.*claudeKimi\.claudePath/);
  });

  it("starts on Windows the program behind npm's .cmd", async () => {
    program('AppData/Roaming/npm/claude.cmd');
    const behind = program('AppData/Roaming/npm/node_modules/@anthropic-ai/claude-code/bin/claude.exe');
    assert.equal((await claude({}, undefined, 'win32')).program, behind);
  });
});
