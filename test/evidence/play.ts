/** Lets the scripted model do each attempt on a repository, through the real server and in the real sandbox, and says what was not right. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { proofTexts } from '../../src/delegation/result/proof-text.ts';
import { type AttemptResult, resultSchema } from '../../src/delegation/result/result-schema.ts';
import { say } from '../../src/messages/message.ts';
import { finish, makeWorld, run, type World } from '../e2e/world.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { ATTEMPTS, type AttemptName, type EvidenceRepository, makeRepository, type Script, scriptOf, USUAL } from './repositories.ts';

export interface Row {
  readonly repository: string;
  readonly attempt: AttemptName;
  readonly outcome: string;
  readonly checks: string;
  readonly proof: string;
  readonly warnings: string;
  /** What is not as expected. */
  readonly wrong: readonly string[];
  readonly report: string;
}

export interface Evidence {
  play(repository: EvidenceRepository, attempts?: readonly AttemptName[]): AsyncGenerator<Row>;
  close(): Promise<void>;
}

export async function openEvidence(): Promise<Evidence> {
  let turns: readonly Turn[] = [];
  let onFinish = () => {};
  const world = await makeWorld(({ step }: RequestView) => {
    const turn = turns[step];
    if (!turn) onFinish();
    return turn ?? finish('Fixed as asked; I ran all tests and they pass.', 'Take the fee of 2 off');
  });
  let made = 0;
  return {
    async *play(repository, attempts = ATTEMPTS) {
      const repo = path.join(world.folder, `shop-${++made}`);
      makeRepository(repo, repository);
      const server = await world.another({ cwd: repo, env: { KIMI_DIRECTORIES: world.folder, ...repository.env } });
      for (const attempt of attempts) {
        const script = scriptOf(repository, attempt);
        turns = turnsOf(script);
        onFinish = () => repository.onFinish?.(repo);
        const report = await server.call('fix_bug', {
          repo_path: repo,
          branch_name: `fix/${attempt}`,
          bug_description: `In ${repository.kit.source} the fee must be 2, so net of 5 is 3. Add a test.`,
          ...(script.scope && { scope: script.scope }),
        });
        yield judge(repository, attempt, report, resultOf(world, repo, attempt));
      }
      await server.close();
    },
    close: () => world.close(),
  };
}

function turnsOf({ files, commands }: Script): Turn[] {
  const writes = Object.entries(files).map(([file, text]) =>
    text === null ? `rm ${file}` : `mkdir -p ${path.dirname(file)} && echo ${Buffer.from(text).toString('base64')} | base64 -d > ${file}`,
  );
  return [...(writes.length > 0 ? [writes.join(' && ')] : []), ...commands].map((command) => run(command));
}

function resultOf(world: World, repo: string, attempt: AttemptName): AttemptResult | undefined {
  return globSync(path.join(world.state, 'delegations/*/attempts/*/result.json'))
    .map((file) => resultSchema.parse(JSON.parse(readFileSync(file, 'utf8'))))
    .find(({ repository, branch }) => path.resolve(repository) === repo && branch === `fix/${attempt}`);
}

function judge(repository: EvidenceRepository, attempt: AttemptName, report: string, result: AttemptResult | undefined): Row {
  const row = { repository: repository.name, attempt, report };
  if (!result)
    return { ...row, outcome: 'no result', checks: '', proof: '', warnings: '', wrong: [report.split('\n').slice(0, 4).join(' ')] };
  const proof = proofTexts(result).map((text) => say(text, 'en'));
  const warnings = result.warnings.map(
    ({ level, text, place }) =>
      `${level === 'blocking' ? '! ' : ''}${place ? `${place.file}${place.line ? `:${place.line}` : ''} ` : ''}${say(text, 'en')}`,
  );
  const checks = result.checks.map(({ command, verdict }) => `\`${command}\` ${verdict}`);
  const { outcome, says = [], checks: wanted = repository.kit.checks } = repository.expected?.[attempt] ?? USUAL[attempt];
  const told = [report, ...proof, ...warnings].join('\n');
  const ran = result.checks.map(({ command }) => command);
  const wrong = [
    ...(outcome.includes(result.outcome) ? [] : [`outcome ${outcome.join(' or ')} expected`]),
    ...(ran.join('; ') === wanted.join('; ') ? [] : [`checks ${wanted.join('; ')} expected`]),
    ...says.filter((words) => !words.test(told)).map((words) => `nothing says ${words.source}`),
  ];
  return { ...row, outcome: result.outcome, checks: checks.join('; '), proof: proof.join('; '), warnings: warnings.join('; '), wrong };
}
