import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../until.ts';
import { exists, makeWorld, open, text, type World } from './world.ts';

const CHILD = join(import.meta.dirname, 'merge-kill-child.ts');

/** SIGKILL before each call with which a merge changes something: the next call finds the checkout as it was, or as the merge makes it. */
describe('a merge that is killed', function () {
  this.timeout(120_000);
  let world: World;
  let tip: string;
  const at = (path: string) => join(world.repo, path);

  beforeEach(async () => {
    world = await makeWorld();
    await world.write('gone/only.txt', 'going\n');
    await world.write('file', 'a file\n');
    await world.write('folder/a', 'a\n');
    await symlink('README.md', at('link'));
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'more');
    await world.git('switch', '-q', '-c', 'kimi/work');
    await world.write('src/app.ts', 'export const answer = 42;\n');
    await world.write('src/deep/new.ts', 'new\n');
    await rm(at('gone'), { recursive: true });
    await rm(at('folder'), { recursive: true });
    await writeFile(at('folder'), 'a file now\n');
    await unlink(at('file'));
    await mkdir(at('file'));
    await writeFile(at('file/inside'), 'in a folder now\n');
    await unlink(at('link'));
    await symlink('src', at('link'));
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'work');
    tip = (await world.git('rev-parse', 'HEAD')).trim();
    await world.git('switch', '-q', 'main');
  });
  afterEach(() => world.remove());

  /** The lock of HEAD is a git's own, which ends when the pipe to it does. */
  const merge = async (dieAt: number) => {
    const words = JSON.stringify({ repo: world.repo, home: world.user.home, tip, dieAt });
    const { signal, stdout, stderr } = spawnSync(process.execPath, [CHILD, words], { encoding: 'utf8' });
    await until('git lets go of HEAD', () => !existsSync(join(world.repo, '.git/HEAD.lock')));
    return { killed: signal === 'SIGKILL', result: signal ? null : JSON.parse(stdout || JSON.stringify({ stderr })) };
  };

  it('is finished or undone by the next call, wherever it was', async () => {
    const start = (await world.git('rev-parse', 'HEAD')).trim();
    let undone = 0;
    let finished = 0;
    for (let dieAt = 1; ; dieAt++) {
      await world.git('reset', '-q', '--hard', start);
      await world.write('src/untracked.ts', 'mine\n');
      await world.write('README.md', 'edited by me\n');
      await world.git('add', 'README.md');
      const { killed, result } = await merge(dieAt);
      if (!killed) {
        assert.equal(result.ok, true, JSON.stringify(result));
        break;
      }
      const { head } = await open(world); // what any call begins with
      assert.equal(await world.git('status', '--porcelain'), 'M  README.md\n?? src/untracked.ts\n', `killed at ${dieAt}`);
      if (head.commit === start) undone++;
      else finished++;
      assert.equal(
        await world.git('diff', 'HEAD', head.commit === start ? start : tip, '--', '.', ':!README.md'),
        '',
        `killed at ${dieAt}`,
      );
      const left = (await readdir(join(world.repo, '.git'))).filter((name) => /claude-kimi|\.lock$/.test(name));
      assert.deepEqual(left, [], `killed at ${dieAt}`);
    }
    assert.ok(undone > 20 && finished >= 1, `${undone} undone, ${finished} finished`);
  });

  it('keeps what the user wrote into the half of it, and the commit that they made', async () => {
    // Killed when half of the files have come: the user, who does not know, edits one and commits another.
    const start = (await world.git('rev-parse', 'HEAD')).trim();
    for (let dieAt = 1; ; dieAt++) {
      await world.git('reset', '-q', '--hard', start);
      if (!(await merge(dieAt)).killed) assert.fail('never half-way');
      if (await exists(at('src/deep/new.ts'))) break;
      await open(world);
    }
    await rm(join(world.repo, '.git/index.lock'), { force: true }); // as git tells them
    await world.write('src/app.ts', 'mine\n');
    await world.git('commit', '-q', '--allow-empty', '-m', 'meanwhile');
    const moved = (await world.git('rev-parse', 'HEAD')).trim();
    assert.equal((await open(world)).head.commit, moved);
    assert.equal(await text(at('src/app.ts')), 'mine\n');
    assert.equal(await world.git('status', '--porcelain'), ' M src/app.ts\n');
  });
});
