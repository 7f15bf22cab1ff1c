import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ScriptedKimi } from '../fakes/kimi/server.ts';
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
    assert.deepEqual(readdirSync(place.state).sort(), ['.env', 'cache']);
    const again = await cli(place, 'setup', '--undo', '--yes');
    assert.equal(again.code, 0, again.out);
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
