/**
 * Plays every attempt on every repository and prints a table; ends with 1 where a line is not as it must be. Repositories whose tools are not
 * on this machine are named.
 *
 *   npm run evidence [-- --only go --tool write_tests --attempt lying --verbose]
 */
import { parseArgs } from 'node:util';
import { openEvidence } from './play.ts';
import { ATTEMPTS, canMake, REPOSITORIES, toolsOf } from './repositories.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    tool: { type: 'string', default: '' },
    attempt: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
});
const evidence = await openEvidence();
let wrong = 0;
try {
  console.log(
    '| repository | tool | attempt | outcome | checks | proof | warnings | as expected |\n| --- | --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const repository of REPOSITORIES.filter(({ name }) => name.toLowerCase().includes(values.only.toLowerCase()))) {
    if (!canMake(repository)) {
      console.log(`| ${repository.name} | not made: ${repository.kit.needs.join(', ')} missing | | | | | | |`);
      continue;
    }
    const attempts = ATTEMPTS.filter((name) => name.includes(values.attempt));
    const tools = toolsOf(repository).filter((name) => name.includes(values.tool));
    for await (const row of evidence.play(repository, tools, attempts)) {
      if (row.wrong.length > 0) wrong++;
      const cells = [
        row.repository,
        row.tool,
        row.attempt,
        row.outcome,
        row.checks,
        row.proof,
        row.warnings,
        row.wrong.join('; ') || 'yes',
      ];
      console.log(`| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`);
      if (values.verbose) console.log(row.report);
    }
  }
} finally {
  await evidence.close();
}
process.exitCode = wrong > 0 ? 1 : 0;
