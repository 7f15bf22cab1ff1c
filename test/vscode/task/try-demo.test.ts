import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WindowContext } from '../../../src/vscode/window-context.ts';
import { memory } from '../memory.ts';
import { playVscode } from '../played-vscode.ts';

describe('the demo', () => {
  const own = process.env['HOME'];
  let home: string;
  const at = (name: string) => path.join(home, name);
  beforeEach(() => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-try-')));
    process.env['HOME'] = home;
  });
  afterEach(() => {
    process.env['HOME'] = own;
    rmSync(home, { recursive: true, force: true });
  });

  async function make(meanwhile: () => void): Promise<void> {
    const played = await playVscode();
    played.answer = (_, [button]) => {
      meanwhile();
      return button;
    };
    const { tryDemo } = await import('../../../src/vscode/task/try-demo.ts');
    const window = { ready: Promise.resolve(), repositories: () => [] } as unknown as WindowContext;
    await tryDemo(window, memory(), async () => true);
  }

  it('is made in a folder that is the user’s to give: none that holds something, no file, nothing behind a link', async () => {
    writeFileSync(at('kimi-delegate-demo'), 'mine');
    mkdirSync(at('elsewhere'));
    symlinkSync('elsewhere', at('kimi-delegate-demo-2'));
    await make(() => {});
    assert.deepEqual(readdirSync(at('elsewhere')), []);
    assert.ok(readdirSync(at('kimi-delegate-demo-3')).includes('package.json'));
  });

  it('overwrites nothing that came into its folder while the question stood', async () => {
    let asked = 0;
    await make(() => {
      if (asked++ > 0) return;
      mkdirSync(at('kimi-delegate-demo'));
      writeFileSync(at('kimi-delegate-demo/README.md'), 'mine');
    });
    assert.equal(readFileSync(at('kimi-delegate-demo/README.md'), 'utf8'), 'mine');
    assert.ok(readdirSync(at('kimi-delegate-demo-2')).includes('package.json'));
  });
});
