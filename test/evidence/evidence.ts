/**
 * Plays every attempt on every repository and prints a table; ends with 1 where a line is not as it must be. Repositories whose tools are not
 * on this machine are named. It takes an hour and more: `--resume` takes over what was played on this very commit, so that parts add up to one table.
 *
 *   npm run evidence [-- --only go --tool write_tests --attempt lying --resume --verbose]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type KeptRow, openKeptRows } from './kept-rows.ts';
import { openEvidence } from './play.ts';
import { attemptsOf, canMake, type EvidenceRepository, REPOSITORIES, type Tool, toolsOf } from './repositories.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    tool: { type: 'string', default: '' },
    attempt: { type: 'string', default: '' },
    resume: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const kept = openKeptRows(path.join(import.meta.dirname, '../..'));
if (values.resume && kept.commit === null) throw new Error('--resume takes over what was played on one commit: commit your changes first');
const evidence = await openEvidence();
const sums = { rows: 0, wrong: 0, seconds: 0, resumed: 0, notMade: 0 };
try {
  console.log(
    '| repository | tool | attempt | outcome | checks | proof | warnings | as expected |\n| --- | --- | --- | --- | --- | --- | --- | --- |',
  );
  for (const repository of REPOSITORIES.filter(({ name }) => name.toLowerCase().includes(values.only.toLowerCase()))) {
    if (!canMake(repository)) {
      sums.notMade++;
      console.log(`| ${repository.name} | not made: ${repository.kit.needs.join(', ')} missing | | | | | | |`);
      continue;
    }
    for (const tool of toolsOf(repository).filter((name) => name.includes(values.tool))) await play(repository, tool);
  }
} finally {
  await evidence.close();
}
const minutes = (sums.seconds / 60).toFixed(1);
console.log(
  `\n${sums.rows} attempts, ${sums.wrong} not as expected, ${minutes} min${sums.resumed > 0 ? ` (${sums.resumed} taken over)` : ''}, ${sums.notMade} repositories not made; commit ${kept.commit ?? 'with changes'}`,
);
process.exitCode = sums.wrong > 0 ? 1 : 0;

async function play(repository: EvidenceRepository, tool: Tool): Promise<void> {
  const wanted = attemptsOf(tool).filter((name) => name.includes(values.attempt));
  const known = wanted.map((attempt) => (values.resume ? kept.find({ repository: repository.name, tool, attempt }) : undefined));
  for (const row of known) if (row) tell(row);
  sums.resumed += known.filter(Boolean).length;
  const left = wanted.filter((_, index) => !known[index]);
  if (left.length === 0) return;
  for await (const row of evidence.play(repository, [tool], left)) {
    kept.keep(row);
    tell(row);
    if (values.verbose) console.log(row.report);
  }
}

function tell({ repository, tool, attempt, outcome, checks, proof, warnings, wrong, seconds }: KeptRow): void {
  sums.rows++;
  sums.seconds += seconds;
  if (wrong.length > 0) sums.wrong++;
  const cells = [repository, tool, attempt, outcome, checks, proof, warnings, wrong.join('; ') || 'yes'];
  console.log(`| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`);
}
