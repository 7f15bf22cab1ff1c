import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { finish, gitIn, task, write } from '../e2e/world.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { startServer } from '../fakes/mcp-client.ts';
import { cli, inTerminal } from './run-cli.ts';
import { inCleanPlaces, keyFileIn, type SetupPlace, scriptedSetup } from './setup-place.ts';

describe('claude-kimi-mcp setup: scopes and undo', function () {
  this.timeout(120_000);
  let kimi: ScriptedKimi;
  let place: SetupPlace;
  inCleanPlaces((world) => {
    ({ kimi, place } = world);
  });
  const scripted = (...words: string[]) => scriptedSetup(place, kimi, ...words);

  it('knows the scopes: a project gets a path that holds in every home, and moving leaves one entry', async () => {
    assert.equal((await scripted('--scope', 'local')).code, 0);
    assert.deepEqual(
      place.registered().shadows.map(({ scope }) => scope),
      ['local'],
    );
    assert.equal(place.registered().user, null);
    assert.equal((await cli(place, 'doctor')).code, 0);
    assert.equal((await cli(place, 'setup', '--yes', '--scope', 'project', '--rules', 'en')).code, 0);
    assert.deepEqual(
      place.registered().shadows.map(({ scope, command }) => [scope, command?.command]),
      [['project', '${HOME}/.claude-kimi-mcp/bin/kimi-agent']],
    );
    assert.match(readFileSync(path.join(place.repo, 'CLAUDE.md'), 'utf8'), /Delegating work/);
    const { code, out } = await cli(place, 'setup', '--undo', '--yes');
    assert.equal(code, 0, out);
    assert.deepEqual(place.registered(), { user: null, shadows: [], problems: [] });
    assert.ok(!existsSync(path.join(place.repo, 'CLAUDE.md')));
    const outside = await cli(
      { ...place, cwd: place.home },
      'setup',
      '--yes',
      '--key-file',
      keyFileIn(place),
      '--base-url',
      kimi.baseUrl,
      '--scope',
      'local',
    );
    assert.equal(outside.code, 1);
    assert.match(outside.out, /Run this in one/);
  });

  it('takes everything back, and nothing of the user with it', async () => {
    mkdirSync(path.dirname(place.files().settings), { recursive: true });
    writeFileSync(place.files().settings, '{"model":"opus"}');
    writeFileSync(place.files().memory, '# mine\n');
    mkdirSync(place.state, { recursive: true });
    writeFileSync(place.envFile, '# mine\nKIMI_MAX_STEPS=70\n');
    await scripted('--rules', 'en', '--model', 'kimi-k2.7-code');
    const { code, out } = await cli(place, 'setup', '--undo', '--yes');
    assert.equal(code, 0, out);
    assert.match(out, /claude mcp remove kimi-agent -s user[\s\S]*Everything is removed/);
    assert.equal(readFileSync(place.files().settings, 'utf8'), '{"model":"opus"}');
    assert.equal(readFileSync(place.files().memory, 'utf8'), '# mine\n');
    assert.equal(place.written(), '# mine\nKIMI_MAX_STEPS=70\n');
    assert.deepEqual(place.registered().user, null);
    assert.deepEqual(readdirSync(place.state), ['.env']);
    const again = await cli(place, 'setup', '--undo', '--yes');
    assert.equal(again.code, 0, again.out);
  });

  it('leaves nothing, not even its folder, where nothing was delegated', async () => {
    await scripted();
    const { code, out } = await cli(place, 'setup', '--undo', '--yes');
    assert.equal(code, 0, out);
    assert.match(out, /Everything is removed\. To remove the program, too: npm uninstall -g claude-kimi-mcp\n$/);
    assert.ok(!existsSync(place.state));

    await scripted('--model', 'kimi-k2.7-code');
    const chinese = { ...place, env: { ...place.env, LC_ALL: 'zh_CN.UTF-8' } };
    assert.match((await cli(chinese, 'setup', '--undo', '--yes')).out, /^- 你的设置 \w+、\w+、\w+$/m);
  });

  it('removes delegations that are over only where somebody says so, and with the last one its own folder', async () => {
    await scripted();
    const work = [write('done.txt', 'done\n'), finish(), write('more.txt', 'more\n'), finish()];
    const model = await startKimi({ scenario: work });
    const server = await startServer({ home: place.home, cwd: place.repo, env: { KIMI_BASE_URL: model.baseUrl, KIMI_API_KEY: TEST_KEY } });
    try {
      for (const branch of ['feature/merged', 'feature/open']) await server.call('implement_feature', task(place, branch));
    } finally {
      await server.close();
      await model.close();
    }
    assert.equal((await cli(place, 'merge', 'feature/merged', '--yes')).code, 0);
    const asked = await cli(place, 'setup', '--undo', '--yes');
    assert.equal(asked.code, 0, asked.out);
    assert.match(asked.out, /It cannot be brought back\. → Keep\n- delegations that are over: 1 \(/);
    assert.match(asked.out, new RegExp(`Everything is removed\\. Delegations that stay in ${place.state}: 2\\. To remove`));

    const once = inTerminal(place, 90, 'setup', '--undo');
    await once.shows(/over: 1 \([\s\S]*brought back\.[\s\S]*● Keep[\s\S]*○ Remove/);
    once.type('\x1b[B\r');
    assert.equal(await once.ended, 0);
    assert.match(once.text(), /Delegations that stay in ~\/\.claude-kimi-mcp: 1\./);
    assert.equal(gitIn(place.repo, 'for-each-ref', 'refs/claude-kimi'), '');
    assert.equal(gitIn(place.repo, 'show', 'feature/open:more.txt'), 'more');

    assert.equal((await cli(place, 'discard', 'feature/open', '--yes')).code, 0);
    const twice = inTerminal(place, 90, 'setup', '--undo');
    await twice.shows(/It cannot be brought back/);
    twice.type('\x1b[B\r');
    assert.equal(await twice.ended, 0);
    assert.ok(!existsSync(place.state));
  });

  it('undoes one by one, and only what the user chose', async () => {
    await scripted('--rules', 'en');
    const session = inTerminal(place, 90, 'setup', '--undo');
    for (const [question, keys] of [
      [/mcp remove kimi-agent -s user[\s\S]*Remove this\?/, '\x1b[B\r'],
      [/permission rules in[\s\S]*Remove this\?[\s\S]*Remove/, '\r'],
      [/delegation rules in[\s\S]*Remove this\?/, '\x1b[B\r'],
      [/API key in/, '\x1b[B\r'],
      [/your settings/, '\x1b[B\r'],
    ] as const) {
      await session.shows(question);
      session.type(keys);
    }
    await session.shows(/The rest stays as it is/);
    assert.equal(await session.ended, 0);
    assert.ok(place.registered().user);
    assert.ok(!existsSync(place.files().settings));
    assert.ok(existsSync(path.join(place.state, 'bin/kimi-agent')));
    assert.match(place.written(), /KIMI_API_KEY/);
  });
});
