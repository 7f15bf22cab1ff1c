import assert from 'node:assert/strict';
import { inEnglish } from '../../src/messages/translate.ts';
import { programFinding } from '../../src/setup/doctor/claude-findings.ts';

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
