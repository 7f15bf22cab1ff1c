import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addRules, forgetRecord, planRules } from '../../src/claude/setup-record.ts';
import { findLeftovers } from '../../src/delegation/housekeeping/leftovers.ts';
import { openSpending } from '../../src/delegation/store/daily-spending.ts';
import { installLauncher, removeLauncher } from '../../src/launcher/install-launcher.ts';
import { removeEmptied } from '../../src/setup/delegations-left.ts';
import { stateDirectory } from '../../src/state-directory.ts';
import { DIST } from '../fakes/mcp-client.ts';

describe('a state directory in which somebody has files already', () => {
  let folder: string;
  const at = (name: string) => path.join(folder, name);
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-own-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const THEIRS = [
    'bin/tool',
    'servers/world/level.dat',
    'servers/list.json',
    'program/main.c',
    'program/1.0.0/notes.txt',
    'cache/thumbnails/1.png',
    'backups/photos.tar',
    'records/song.ogg',
    'spending/2025.csv',
    'delegations/summit/talk.txt',
    'windows/plan.txt',
  ];

  it('keeps them, whatever of ours is made and removed beside them', async () => {
    const state = at('state');
    for (const file of THEIRS) {
      mkdirSync(path.dirname(path.join(state, file)), { recursive: true });
      writeFileSync(path.join(state, file), 'theirs');
    }
    const dist = at('_npx/1/dist');
    cpSync(DIST, dist, { recursive: true, filter: (file) => file === DIST || /launch\.cjs$|server\.cjs$/.test(file) });
    const install = (version: string) =>
      installLauncher({
        stateDir: state,
        dist,
        version,
        runtime: { program: process.execPath, electron: false },
        platform: 'linux',
        now: () => 0,
      });
    install('1.2.3');
    install('1.2.4');
    writeFileSync(at('CLAUDE.md'), 'mine\n');
    addRules(state, planRules(at('CLAUDE.md'), 'en'), 0);
    openSpending({ stateDir: state, by: 'x', currency: 'USD', budget: null, now: () => 0 }).settle(1);
    mkdirSync(path.join(state, 'cache/v8'));
    assert.ok(existsSync(path.join(state, 'program/1.2.4/server.cjs')) && !existsSync(path.join(state, 'program/1.2.3')));
    assert.deepEqual(await findLeftovers(state), []);

    removeLauncher(state);
    forgetRecord(state);
    rmSync(path.join(state, 'delegations'), { recursive: true });
    removeEmptied(state);
    const left = readdirSync(state, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    const names = left.map((one) => path.relative(state, path.join(one.parentPath, one.name))).sort();
    assert.deepEqual(names, THEIRS.filter((file) => !file.startsWith('delegations/')).sort());
    assert.ok(names.every((file) => readFileSync(path.join(state, file), 'utf8') === 'theirs'));
  });

  it('is not the home folder itself, nor that of the whole machine', () => {
    for (const given of ['~', '$HOME', '~/', folder, `${folder}/.`, '/']) {
      const state = stateDirectory({ CLAUDE_KIMI_HOME: given }, folder);
      assert.equal(state.ok ? state.folder : state.reason.code, 'state.isHome', given);
    }
    assert.deepEqual(stateDirectory({ CLAUDE_KIMI_HOME: '~/kimi' }, folder), { ok: true, folder: at('kimi') });
  });
});
