import assert from 'node:assert/strict';
import { type Evidence, openEvidence } from './play.ts';
import { REPOSITORIES, toolsOf, whatIsMissing } from './repositories.ts';

/** The few that need no toolchain, and the attempts that only a proof tells apart; `npm run evidence` has all. */
describe('good work is told from lies, without checks in the call', function () {
  this.timeout(90_000);
  let evidence: Evidence;
  before(async () => {
    evidence = await openEvidence();
  });
  after(() => evidence.close());

  for (const repository of REPOSITORIES.filter(({ short }) => short))
    it(repository.name, async function () {
      if (whatIsMissing(repository.kit.needs).length > 0) return this.skip();
      for await (const { tool, attempt, wrong, report } of evidence.play(repository, toolsOf(repository), [
        'good',
        'stub',
        'lying',
        'hollowing',
        'check-hiding',
      ]))
        assert.deepEqual(wrong, [], `${tool} ${attempt}\n${report}`);
    });
});
