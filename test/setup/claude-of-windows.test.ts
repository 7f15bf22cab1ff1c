import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inEnglish } from '../../src/messages/translate.ts';
import { programFinding } from '../../src/setup/doctor/claude-findings.ts';
import { windowsCodeFindings } from '../../src/setup/doctor/windows-findings.ts';
import { terminalDoor } from '../../src/setup/door.ts';

describe('doctor, of a VS Code outside of WSL', () => {
  const ID = 'claude-kimi.claude-kimi-mcp';
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-wsl-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const has = (...names: string[]) => void mkdirSync(path.join(folder, ...names), { recursive: true });
  const look = (env: Record<string, string> = {}, platform: NodeJS.Platform = 'linux') =>
    windowsCodeFindings(
      {
        t: inEnglish,
        door: terminalDoor(inEnglish, '.env', 'claude-kimi-mcp'),
        env: { WSL_DISTRO_NAME: 'Ubuntu', PATH: '/usr/bin', ...env },
        home: path.join(folder, 'home/ann'),
        platform,
      },
      path.join(folder, 'mnt'),
    );

  it('finds the extension on the side of Windows alone, where the key is in another home', () => {
    has('mnt/c/Users/Public');
    has('mnt/c/Users/Ann Lee/.vscode/extensions', `${ID}-0.2.0`);
    const [finding] = look();
    assert.match(finding?.found ?? '', /in Windows only \(.*mnt\/c\/Users\/Ann Lee\)/);
    assert.match(finding?.remedy ?? '', /WSL: Connect to WSL/);
    assert.equal(finding?.state, 'note');
  });

  it('finds one that was used in another installation of VS Code, by what it keeps', () => {
    has('mnt/d/Users/ann/AppData/Roaming/Code/User/globalStorage', ID);
    assert.equal(look().length, 1);
  });

  it('looks only at the user whose programs are on PATH', () => {
    has('mnt/c/Users/bob/.vscode/extensions', `${ID}-0.2.0`);
    const PATH = `/usr/bin:${folder}/mnt/c/Users/ann/AppData/Local/Programs/Microsoft VS Code/bin`;
    assert.deepEqual(look({ PATH }), []);
    assert.equal(look({ PATH: PATH.replace('ann', 'bob') }).length, 1);
  });

  it('finds nothing where the extension is inside of WSL too, nowhere, or where there is no WSL', () => {
    assert.deepEqual(look(), []);
    has('mnt/c/Users/ann/.vscode/extensions', `${ID}-0.2.0`);
    assert.deepEqual(look({ WSL_DISTRO_NAME: '' }), []);
    assert.deepEqual(look({}, 'darwin'), []);
    has('home/ann/.vscode-server/extensions', `${ID}-0.2.0`);
    assert.deepEqual(look(), []);
  });
});

/** From facts, as WSL shows them: its PATH holds the folders of Windows under /mnt. */
describe('doctor, of a Claude Code in WSL', () => {
  const WINDOWS = '/mnt/c/Users/ann/AppData/Roaming/npm/claude';
  const wsl = { WSL_DISTRO_NAME: 'Ubuntu' };
  const look = (program: string, env: Record<string, string>, platform: NodeJS.Platform = 'linux') =>
    programFinding(program, '2.1.330', { t: inEnglish, env, platform });

  it('finds the program of Windows, whose home is another one', () => {
    const { state, found, remedy } = look(WINDOWS, wsl);
    assert.equal(state, 'bad');
    assert.match(found, /claude is the program of Windows: it reads its settings from another home/);
    assert.match(remedy ?? '', /inside of WSL/);
  });

  it('finds nothing wrong with the one of Linux, nor with a disk at /mnt outside of WSL', () => {
    for (const { state } of [look('/home/ann/.local/bin/claude', wsl), look(WINDOWS, {}), look(WINDOWS, wsl, 'darwin')])
      assert.equal(state, 'good');
  });
});
