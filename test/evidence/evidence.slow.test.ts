import assert from 'node:assert/strict';
import { type Evidence, openEvidence } from './play.ts';
import { REPOSITORIES, toolsOf, whatIsMissing } from './repositories.ts';

const FEW = ['good', 'lying'] as const;
const ALL = [...FEW, 'stub', 'hollowing', 'check-hiding'] as const;

/** The few that need no toolchain; of one of them by all tools, and the attempts that only a proof tells apart, too. `npm run evidence` has all. */
describe('good work is told from lies, without checks in the call', function () {
  this.timeout(600_000); // behind windows it has what they leave
  let evidence: Evidence;
  before(async () => {
    evidence = await openEvidence();
  });
  after(() => evidence.close());

  for (const [at, repository] of REPOSITORIES.filter(({ short }) => short).entries())
    it(repository.name, async function () {
      if (whatIsMissing(repository.kit.needs).length > 0) return this.skip();
      const [tools, attempts] = at === 0 ? [toolsOf(repository), ALL] : [toolsOf(repository).slice(0, 1), FEW];
      for await (const { tool, attempt, wrong, report } of evidence.play(repository, tools, attempts))
        assert.deepEqual(wrong, [], `${tool} ${attempt}\n${report}`);
    });
});
