import { PARTS } from './parts.ts';

/** Other inputs each day, so that in time all are tried; the seed stands in the message of a failure. */
const SEED = Math.floor(Date.now() / 86_400_000);
const SHARE = 0.005;

describe('what comes from outside, a little of `npm run fuzz`', () => {
  for (const [name, { full, run }] of Object.entries(PARTS))
    it(name, async () => {
      await run(full * SHARE, SEED);
    }).timeout(60_000);
});
