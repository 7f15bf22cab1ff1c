import assert from 'node:assert/strict';
import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CheckComparison } from '../../../src/checks/types.ts';
import { rewrittenSources } from '../../../src/delegation/attempt/rewritten-sources.ts';
import { checkWarnings } from '../../../src/delegation/result/check-warnings.ts';
import { pass, tests } from '../../mcp/sample-report.ts';
import { makeWorkspace, makeWorld } from '../../workspace/world.ts';

describe('sources that a check writes anew', () => {
  it('are those of the commit, and tests, but for what tools make', async () => {
    const world = await makeWorld();
    try {
      for (const name of [
        'src/gone.py',
        'dist/app.js',
        'src/a_pb2.py',
        'go.sum',
        'notes.md',
        'tests/golden.txt',
        'src/back.js',
        'src/same.js',
      ])
        await world.write(name, 'one\n');
      await world.git('add', '-A', '-f');
      await world.git('commit', '-qm', 'More');
      const { privateGit, workTree } = await makeWorkspace(world);
      assert.deepEqual(await rewrittenSources(privateGit, workTree), []);
      for (const name of ['src/app.ts', 'dist/app.js', 'src/a_pb2.py', 'go.sum', 'notes.md', 'tests/golden.txt', 'new.js'])
        writeFileSync(path.join(workTree, name), 'another one\n');
      writeFileSync(path.join(workTree, 'src/back.js'), 'one\n');
      utimesSync(path.join(workTree, 'src/back.js'), 1e9, 1e9); // git counts seconds
      rmSync(path.join(workTree, 'src/gone.py'));
      assert.deepEqual(await rewrittenSources(privateGit, workTree), ['src/app.ts', 'src/back.js', 'src/gone.py', 'tests/golden.txt']);
    } finally {
      await world.remove();
    }
  });

  it('are told where it passes on them, and did not write them on the base', () => {
    const said = (base: CheckComparison['base'], result: CheckComparison['result'], verdict: CheckComparison['verdict'] = 'pass') =>
      checkWarnings([{ command: 'npm test', base, result, verdict, newFailures: 0 }]).map(({ level, place }) => `${level} ${place?.file}`);
    const wrote = (...files: string[]) => tests(2, 0, { rewrote: files });
    assert.deepEqual(said(tests(2, 0), wrote('add.js', 'b.js')), ['blocking add.js']);
    assert.deepEqual(said(wrote('add.js'), wrote('add.js', 'b.js'), 'fixed'), ['blocking b.js']);
    assert.deepEqual(said(wrote('add.js'), wrote('add.js')), []);
    assert.deepEqual(said(pass, { ...pass, rewrote: ['add.js'] }), ['note add.js'], 'a formatter');
    assert.deepEqual(said(null, wrote('add.js')), []);
    assert.deepEqual(said(tests(2, 0), tests(1, 1, { rewrote: ['add.js'] }), 'regressed'), []);
  });
});
