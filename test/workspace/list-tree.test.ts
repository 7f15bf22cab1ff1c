import assert from 'node:assert/strict';
import { chmod, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { listTree } from '../../src/workspace/read-objects.ts';
import { makeWorld } from './world.ts';

describe('the files of a commit', () => {
  it('are those of the repository that is asked, and not what another one has under its id', async () => {
    const world = await makeWorld();
    const other = join(world.root, 'other');
    await cp(world.repo, other, { recursive: true });
    const [head, folder, file] = (await world.git('rev-parse', 'HEAD', 'HEAD:src', 'HEAD:README.md')).trim().split('\n') as [
      string,
      string,
      string,
    ];
    const forged = Buffer.concat([Buffer.from('100644 forged.ts\0'), Buffer.from(file, 'hex')]);
    const object = join(other, '.git/objects', folder.slice(0, 2), folder.slice(2));
    await chmod(object, 0o644);
    await writeFile(object, deflateSync(Buffer.concat([Buffer.from(`tree ${forged.length}\0`), forged])));
    const listed = async (repo: string) => (await listTree({ gitDir: join(repo, '.git') }, head)).map(({ path }) => path).at(-1);
    assert.equal(await listed(other), 'src/forged.ts');
    assert.equal(await listed(world.repo), 'src/app.ts');
    await world.remove();
  });
});
