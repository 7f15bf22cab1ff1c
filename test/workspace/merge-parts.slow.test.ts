import assert from 'node:assert/strict';
import { chmod, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { MergeWay } from '../../src/common/merge-way.ts';
import { mergeIntoCheckout } from '../../src/workspace/merge-into-checkout.ts';
import type { ChosenPart, LineRange } from '../../src/workspace/take-parts.ts';
import { english } from '../messages/english.ts';
import { exists, IDENTITY, makeWorld, open, text, type World } from './world.ts';

const TEN = Array.from({ length: 10 }, (_, at) => `line ${at + 1}`);
const file = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('');

/** Single changes of a file, chosen by lines of the branch; what is not chosen can be taken later, and nothing comes twice. */
describe('parts of a branch', () => {
  let world: World;
  let base: string;
  let tip: string;
  const git = async (...args: string[]) => (await world.git(...args)).trim();
  const merge = async (parts: readonly ChosenPart[], how: MergeWay = 'squash', preview = false) =>
    mergeIntoCheckout({ repository: await open(world), tip, how, message: 'Take it', identity: IDENTITY, parts, preview });
  const lines = (path: string, ...ranges: readonly (readonly [number, number])[]): ChosenPart => ({
    path,
    lines: ranges.map(([first, last]): LineRange => ({ first, last })),
  });
  const reason = (result: Awaited<ReturnType<typeof merge>>) => (result.ok ? 'merged' : english(result.reason));
  const here = (path: string) => text(join(world.repo, path));

  beforeEach(async () => {
    world = await makeWorld();
    await world.write('a.ts', file(TEN));
    await world.write('old.ts', file(TEN));
    await world.write('gone.ts', file(TEN));
    await world.write('crlf.txt', file(TEN).replaceAll('\n', '\r\n'));
    await world.write('end.txt', 'one\ntwo\nthree\nfour');
    await world.write('run.sh', file(TEN));
    await world.write('only-mode.sh', 'x\n');
    await world.write('logo.png', Buffer.from([0, 1, 2, 3]));
    await world.write('big.bin', 'version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 1\n');
    await symlink('a.ts', join(world.repo, 'link'));
    await git('add', '-A');
    await git('commit', '-q', '-m', 'more');
    base = await git('rev-parse', 'HEAD');
    await git('switch', '-q', '-c', 'kimi/work');
    // Lines of the branch: 2 changed, 5 and 6 new, "line 7" removed behind 8, 10 changed.
    const changed = ['line 1', 'LINE 2', 'line 3', 'line 4', 'new 5', 'new 6', 'line 5', 'line 6', 'line 8', 'LINE 9', 'line 10'];
    await world.write('a.ts', file(changed));
    await git('mv', 'old.ts', 'renamed.ts');
    await world.write('renamed.ts', file(['LINE 1', ...TEN.slice(1, 9), 'LINE 10']));
    await git('rm', '-q', 'gone.ts');
    await world.write('new.ts', file(TEN));
    await world.write('crlf.txt', file(['LINE 1', ...TEN.slice(1, 9), 'LINE 10']).replaceAll('\n', '\r\n'));
    await world.write('end.txt', 'ONE\ntwo\nthree\nfour\nfive');
    await world.write('run.sh', file(['LINE 1', ...TEN.slice(1, 9), 'LINE 10']));
    for (const program of ['run.sh', 'only-mode.sh']) await chmod(join(world.repo, program), 0o755);
    await world.write('logo.png', Buffer.from([0, 1, 2, 4]));
    await world.write('big.bin', 'version https://git-lfs.github.com/spec/v1\noid sha256:bb\nsize 1\n');
    await git('rm', '-q', 'link');
    await symlink('b.ts', join(world.repo, 'link'));
    await git('add', '-A');
    await git('commit', '-q', '-m', 'work');
    tip = await git('rev-parse', 'HEAD');
    await git('switch', '-q', 'main');
  });
  afterEach(() => world.remove());

  for (const how of ['squash', 'apply'] as const)
    it(`${how}: one change, taken back as it says; the preview names it; then the others`, async () => {
      const preview = await merge([lines('a.ts', [5, 5])], how, true);
      assert.deepEqual(preview.ok && [preview.files, preview.commit], [['a.ts'], null]);
      assert.equal(preview.ok && english(preview.partly!.get('a.ts')!), 'a.ts (lines 5-6)');
      assert.equal(await git('status', '--porcelain'), '');
      const one = file([...TEN.slice(0, 4), 'new 5', 'new 6', ...TEN.slice(4)]);

      assert.equal(reason(await merge([lines('a.ts', [5, 5])], how)), 'merged');
      assert.equal(await here('a.ts'), one);
      assert.equal(await exists(join(world.repo, 'new.ts')), false);
      if (how === 'apply') await git('restore', '--staged', '--worktree', '--', 'a.ts');
      else await git('reset', '--keep', base);
      assert.deepEqual([await git('rev-parse', 'HEAD'), await git('status', '--porcelain')], [base, '']);

      assert.equal(reason(await merge([lines('a.ts', [6, 6])], how)), 'merged');
      if (how === 'apply') await git('commit', '-q', '-m', 'mine');
      assert.match(reason(await merge([lines('a.ts', [5, 6])], how)), /has these changes already/);
      assert.equal(reason(await merge([lines('a.ts', [1, 3])], how)), 'merged');
      if (how === 'apply') await git('commit', '-q', '-m', 'mine');
      const whole = await mergeIntoCheckout({ repository: await open(world), tip, how, message: 'All', identity: IDENTITY });
      assert.equal(reason(whole), 'merged');
      assert.equal(await git('diff', tip), '');
    });

  it('several at once, of removed lines too; a range that touches nothing is refused with what there is', async () => {
    assert.equal(reason(await merge([lines('a.ts', [2, 2], [8, 8])])), 'merged');
    assert.equal(await here('a.ts'), file(['line 1', 'LINE 2', ...TEN.slice(2, 6), ...TEN.slice(7)]));
    await git('reset', '-q', '--hard', base);
    const refused = reason(await merge([lines('a.ts', [2, 2], [3, 4], [400, 500])]));
    assert.match(refused, /no change of a\.ts touches its lines 3-4, 400-500\. .* lines 2, 5-6, removed behind 8, 10, as/);
    assert.equal(await git('rev-parse', 'HEAD'), base);
  });

  it('keeps line ends, an end without one, and the mode', async () => {
    assert.equal(reason(await merge([lines('crlf.txt', [1, 1]), lines('end.txt', [5, 5]), lines('run.sh', [10, 10])])), 'merged');
    assert.equal(await here('crlf.txt'), file(['LINE 1', ...TEN.slice(1)]).replaceAll('\n', '\r\n'));
    assert.equal(await here('end.txt'), 'one\ntwo\nthree\nfour\nfive');
    assert.equal(await here('run.sh'), file([...TEN.slice(0, 9), 'LINE 10']));
    assert.match(await git('ls-files', '-s', 'run.sh'), /^100644/);
    assert.equal(await git('status', '--porcelain'), '');
  });

  it('a renamed file is renamed, with the chosen changes only', async () => {
    assert.equal(reason(await merge([{ ...lines('renamed.ts', [10, 10]), from: 'old.ts' }])), 'merged');
    assert.equal(await here('renamed.ts'), file([...TEN.slice(0, 9), 'LINE 10']));
    assert.equal(await exists(join(world.repo, 'old.ts')), false);
    assert.equal(await git('status', '--porcelain'), '');
  });

  for (const [path, why] of Object.entries({
    'new.ts': /is new on the branch/,
    'gone.ts': /is deleted on the branch/,
    'logo.png': /is no text/,
    'big.bin': /is no text/,
    link: /is no text/,
    'only-mode.sh': /no line of only-mode\.sh changes/,
  }))
    it(`${path} in parts is refused, and comes whole`, async () => {
      assert.match(reason(await merge([lines(path, [1, 3])])), why);
      assert.deepEqual([await git('rev-parse', 'HEAD'), await git('status', '--porcelain')], [base, '']);
      assert.equal(reason(await merge([{ path }])), 'merged');
      assert.equal(await git('diff', tip, '--', path), '');
      assert.equal(await git('rev-list', '--count', `${base}..HEAD`), '1');
    });

  it('beside a conflict in another change of the file, and not in that one', async () => {
    await world.write('a.ts', file(['mine', ...TEN.slice(1, 9), 'mine too']));
    await git('commit', '-q', '-am', 'theirs');
    const theirs = await git('rev-parse', 'HEAD');
    assert.match(reason(await merge([{ path: 'a.ts' }])), /a\.ts conflict/);
    assert.match(reason(await merge([lines('a.ts', [10, 10])])), /a\.ts conflict/);
    assert.deepEqual([await git('rev-parse', 'HEAD'), await git('status', '--porcelain')], [theirs, '']);
    assert.equal(reason(await merge([lines('a.ts', [5, 6])])), 'merged');
    assert.equal(await here('a.ts'), file(['mine', ...TEN.slice(1, 4), 'new 5', 'new 6', ...TEN.slice(4, 9), 'mine too']));
  });

  it('not over uncommitted work in the file', async () => {
    await world.write('a.ts', file([...TEN.slice(0, 9), 'mine']));
    assert.match(reason(await merge([lines('a.ts', [2, 2])])), /uncommitted changes in a\.ts/);
    assert.equal(await here('a.ts'), file([...TEN.slice(0, 9), 'mine']));
  });
});
