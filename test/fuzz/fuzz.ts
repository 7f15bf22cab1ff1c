/**
 * Feeds what comes from outside with what nobody thought of: paths, branch names, messages to the server, requests to the proxy. Prints
 * figures; ends with 1, the seed and the smallest input where something escaped, crashed, hung or grew.
 *
 *   npm run fuzz [-- paths branches messages requests expressions --share 0.1 --seed 1]
 */
import { parseArgs } from 'node:util';
import { PARTS, type PartName } from './parts.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' }, share: { type: 'string', default: '1' } },
});
const names = Object.keys(PARTS) as PartName[];
const wanted = positionals.length > 0 ? names.filter((name) => positionals.includes(name)) : names;

for (const name of wanted) {
  const { full, run } = PARTS[name];
  const began = performance.now();
  try {
    const said = await run(Math.ceil(full * Number(values.share)), Number(values.seed));
    console.log(`${name}: ${said}; ${((performance.now() - began) / 1000).toFixed(0)} s, seed ${values.seed}`);
  } catch (error) {
    process.exitCode = 1;
    const why = error instanceof Error && error.cause instanceof Error ? `\n${error.cause.message}` : '';
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}${why}`);
  }
}
