/**
 * Plays every attempt on every repository and prints a table; ends with 1 where a line is not as it must be. Repositories whose tools are not
 * on this machine are named. It takes an hour: `--resume` takes over what was played on this very commit, so that parts add up to one table.
 * `--public` plays good and bad work on public repositories instead, from GitHub or from git directories on this machine.
 *
 *   npm run evidence [-- --only go --tool write_tests --attempt lying --resume --verbose]
 *   npm run evidence -- --public [--from <git directory>... --only go --attempt bad --resume --verbose]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type KeptRow, openKeptRows } from './kept-rows.ts';
import { type Evidence, openEvidence } from './play.ts';
import { NotMade, PUBLIC_ATTEMPTS, playPublic } from './play-public.ts';
import { PUBLIC_REPOSITORIES } from './public-repositories.ts';
import { attemptsOf, REPOSITORIES, toolsOf, whatIsMissing } from './repositories.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    tool: { type: 'string', default: '' },
    attempt: { type: 'string', default: '' },
    public: { type: 'boolean', default: false },
    from: { type: 'string', multiple: true, default: [] },
    resume: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const kept = openKeptRows(path.join(import.meta.dirname, '../..'));
if (values.resume && kept.commit === null) throw new Error('--resume takes over what was played on one commit: commit your changes first');
const sums = { rows: 0, wrong: 0, seconds: 0, resumed: 0, notMade: 0 };
const isWanted = (name: string) => name.toLowerCase().includes(values.only.toLowerCase());

console.log(
  '| repository | tool | attempt | outcome | checks | proof | warnings | as expected |\n| --- | --- | --- | --- | --- | --- | --- | --- |',
);
if (values.public) await playPublicOnes();
else await playOwn();
const minutes = (sums.seconds / 60).toFixed(1);
const resumed = sums.resumed > 0 ? ` (${sums.resumed} of them taken over)` : '';
console.log(
  `\n${sums.rows} attempts${resumed}, ${sums.wrong} not as expected, ${minutes} min; ${sums.notMade} repositories not made; commit ${kept.commit ?? 'with changes'}`,
);
process.exitCode = sums.wrong > 0 || sums.rows === 0 ? 1 : 0;

async function playOwn(): Promise<void> {
  const evidence: Evidence = await openEvidence();
  try {
    for (const repository of REPOSITORIES.filter(({ name }) => isWanted(name))) {
      if (!canMake(repository.name, repository.kit.needs)) continue;
      for (const tool of toolsOf(repository).filter((name) => name.includes(values.tool)))
        await play({ repository: repository.name, tool }, attemptsOf(tool), (attempts) => evidence.play(repository, [tool], attempts));
    }
  } finally {
    await evidence.close();
  }
}

async function playPublicOnes(): Promise<void> {
  for (const repository of PUBLIC_REPOSITORIES) {
    const name = `${repository.name}, ${repository.kind}`;
    if (!isWanted(name) || !canMake(name, repository.needs)) continue;
    try {
      await play({ repository: name, tool: 'fix_bug' }, PUBLIC_ATTEMPTS, (attempts) => playPublic(repository, attempts, values.from));
    } catch (error) {
      if (!(error instanceof NotMade)) throw error;
      notMade(name, error.message);
    }
  }
}

function canMake(name: string, needs: readonly string[]): boolean {
  const missing = whatIsMissing(needs);
  if (missing.length > 0) notMade(name, `${missing.join(', ')} missing`);
  return missing.length === 0;
}

function notMade(name: string, why: string): void {
  sums.notMade++;
  console.log(`| ${name} | not made: ${why} | | | | | | |`);
}

/** @param left plays those that were not played before */
async function play<Name extends string>(
  which: { readonly repository: string; readonly tool: string },
  attempts: readonly Name[],
  left: (attempts: readonly Name[]) => AsyncGenerator<KeptRow & { readonly report: string }>,
): Promise<void> {
  const wanted = attempts.filter((name) => name.includes(values.attempt));
  const known = wanted.map((attempt) => (values.resume ? kept.find({ ...which, attempt }) : undefined));
  for (const row of known) if (row) tell(row);
  sums.resumed += known.filter(Boolean).length;
  const missing = wanted.filter((_, index) => !known[index]);
  if (missing.length === 0) return;
  for await (const row of left(missing)) {
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
