import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isByProcess, realPathOf, wayTo } from '../../src/common/real-path.ts';

it('realPathOf follows links, and is null where they lead to nothing', () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'real-path-')));
  const at = (name: string) => path.join(folder, name);
  mkdirSync(at('real'));
  symlinkSync(at('real'), at('link'));
  symlinkSync(at('none'), at('broken'));
  symlinkSync(at('circle'), at('circle'));
  assert.equal(realPathOf(at('link')), at('real'));
  assert.equal(realPathOf(at('real/../link')), at('real'));
  assert.equal(realPathOf(at('broken')), null);
  assert.equal(realPathOf(at('circle')), null);
  assert.equal(realPathOf(at('none')), null);
  rmSync(folder, { recursive: true });
});

it('wayTo tells the links on the way to a path, and the folders that it goes up from', () => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'real-path-')));
  const at = (name: string) => path.join(folder, name);
  mkdirSync(at('real/deep'), { recursive: true });
  symlinkSync('./real/deep', at('link'));
  symlinkSync(at('link'), at('whole'));
  symlinkSync('circle', at('circle'));
  assert.deepEqual(wayTo(at('real')), { links: new Map(), folders: new Set(), end: at('real') });
  const links = new Map([[at('whole'), at('link')] as const, [at('link'), './real/deep'] as const]);
  assert.deepEqual(wayTo(`${at('whole')}/../deep`), { links, folders: new Set([at('real/deep')]), end: at('real/deep') });
  assert.deepEqual([...wayTo(at('circle')).links], [[at('circle'), 'circle']]);
  rmSync(folder, { recursive: true });
});

it('isByProcess tells a path by which another process comes elsewhere', function () {
  if (process.platform !== 'linux') this.skip();
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'real-path-')));
  const at = (name: string) => path.join(folder, name);
  symlinkSync('/proc/self/cwd', at('here'));
  symlinkSync('here/none', at('deep'));
  for (const way of ['/proc/self/comm', '/dev/stdin', '/dev/fd/../fd', at('here'), `${at('here')}/../x`, at('deep')])
    assert.ok(isByProcess(way), way);
  for (const way of [at('none'), folder, '/', '/dev/null', '/process']) assert.ok(!isByProcess(way), way);
  rmSync(folder, { recursive: true });
});
