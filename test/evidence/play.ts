/** Lets the scripted model do each attempt on a repository, through the real server and in the real sandbox, and says what was not right. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { proofTexts } from '../../src/delegation/result/proof-text.ts';
import { type AttemptResult, resultSchema } from '../../src/delegation/result/result-schema.ts';
import { say } from '../../src/messages/message.ts';
import { finish, makeWorld, run, type World } from '../e2e/world.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import {
  type AttemptName,
  attemptsOf,
  type EvidenceRepository,
  type Expected,
  expectedFor,
  makeRepository,
  type Tool,
} from './repositories.ts';
import { type Script, scriptOf } from './scripts.ts';

export interface Row {
  readonly repository: string;
  readonly tool: Tool;
  readonly attempt: AttemptName;
  readonly outcome: string;
  readonly checks: string;
  readonly proof: string;
  readonly warnings: string;
  /** What is not as expected. */
  readonly wrong: readonly string[];
  readonly report: string;
  readonly seconds: number;
}

export interface Evidence {
  play(repository: EvidenceRepository, tools: readonly Tool[], attempts?: readonly AttemptName[]): AsyncGenerator<Row>;
  close(): Promise<void>;
}

export async function openEvidence(): Promise<Evidence> {
  let turns: readonly Turn[] = [];
  const world = await makeWorld(
    ({ step }: RequestView) => turns[step] ?? finish('Fixed as asked; I ran all tests and they pass.', 'Take the fee of 2 off'),
  );
  let made = 0;
  return {
    async *play(repository, tools, attempts) {
      const repo = path.join(world.folder, `shop-${++made}`);
      makeRepository(repo, repository);
      const server = await world.another({ cwd: repo, env: { KIMI_DIRECTORIES: world.folder, ...repository.env } });
      for (const tool of tools)
        for (const attempt of attemptsOf(tool).filter((name) => attempts?.includes(name) ?? true)) {
          const script = scriptOf(repository, tool, attempt);
          turns = turnsOf(script);
          const branch = `${tool}/${attempt}`;
          const began = performance.now();
          const end = repository.during?.(repo);
          const report = await server.call(tool, {
            repo_path: repo,
            branch_name: branch,
            ...TASKS[tool](repository.kit.source),
            ...(script.scope && { scope: script.scope }),
          });
          await end?.();
          const judged = judge(expectedFor(repository, tool, attempt), report, resultOf(world, repo, branch));
          yield { repository: repository.name, tool, attempt, ...judged, report, seconds: (performance.now() - began) / 1000 };
        }
      await server.close();
    },
    close: () => world.close(),
  };
}

const TASKS: Readonly<Record<Tool, (source: string) => Record<string, string>>> = {
  fix_bug: (source) => ({ bug_description: `In ${source} the fee must be 2, so net of 5 is 3. Add a test.` }),
  implement_feature: (source) => ({ task_spec: `Beside ${source}, add fees: the fee of so many orders, 2 each. Add a test.` }),
  write_tests: (source) => ({ task_spec: `Write tests for net in ${source} as it is: net of 5 is 4.` }),
};

function turnsOf({ files, commands }: Script): Turn[] {
  const writes = Object.entries(files).map(([file, text]) =>
    text === null ? `rm ${file}` : `mkdir -p ${path.dirname(file)} && echo ${Buffer.from(text).toString('base64')} | base64 -d > ${file}`,
  );
  return [...(writes.length > 0 ? [writes.join(' && ')] : []), ...commands].map((command) => run(command));
}

/** What is stored of the attempt on a branch; undefined = nothing. */
export function resultOf(world: World, repo: string, branch: string): AttemptResult | undefined {
  return globSync(path.join(world.state, 'delegations/*/attempts/*/result.json'))
    .map((file) => resultSchema.parse(JSON.parse(readFileSync(file, 'utf8'))))
    .find((one) => path.resolve(one.repository) === repo && one.branch === branch);
}

/** Compares a result with what is expected of it, and says it in the words of the table. */
export function judge(
  { outcome, says, checks: wanted }: Required<Expected>,
  report: string,
  result: AttemptResult | undefined,
): Pick<Row, 'outcome' | 'checks' | 'proof' | 'warnings' | 'wrong'> {
  if (!result) return { outcome: 'no result', checks: '', proof: '', warnings: '', wrong: [report.split('\n').slice(0, 4).join(' ')] };
  const proof = proofTexts(result).map((text) => say(text, 'en'));
  const warnings = result.warnings.map(
    ({ level, text, place }) =>
      `${level === 'blocking' ? '! ' : ''}${place ? `${place.file}${place.line ? `:${place.line}` : ''} ` : ''}${say(text, 'en')}`,
  );
  const checks = result.checks.map(({ command, verdict }) => `\`${command}\` ${verdict}`);
  const told = [report, ...proof, ...warnings].join('\n');
  const ran = result.checks.map(({ command }) => command);
  const wrong = [
    ...(outcome.includes(result.outcome) ? [] : [`outcome ${outcome.join(' or ')} expected`]),
    ...(ran.join('; ') === wanted.join('; ') ? [] : [`checks ${wanted.join('; ')} expected`]),
    ...says.filter((words) => !words.test(told)).map((words) => `nothing says ${words.source}`),
  ];
  return { outcome: result.outcome, checks: checks.join('; '), proof: proof.join('; '), warnings: warnings.join('; '), wrong };
}
