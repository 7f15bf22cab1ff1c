import assert from 'node:assert/strict';
import { compare, environmentFor } from './compare.ts';
import { canMake } from './make-project.ts';
import { PROJECTS } from './projects.ts';

/** One of each of the usual kinds that installs in a few seconds; `npm run parity` has all. */
describe('a command gives the same inside as outside', function () {
  this.timeout(400_000); // real package managers, behind windows
  for (const project of PROJECTS.filter(({ small }) => small)) {
    it(project.name, async function () {
      if (!canMake(project, environmentFor([]))) return this.skip();
      const { outside, differences } = await compare(project);
      assert.deepEqual(differences, []);
      if (!project.outside) return assert.ok(outside.counts!.passed > 0, outside.tail);
      assert.deepEqual(outside.counts && { passed: outside.counts.passed, failed: outside.counts.failed }, project.outside, outside.tail);
    });
  }
});
