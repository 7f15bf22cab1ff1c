import type { CheckComparison, CheckRun } from '../../../src/checks/types.ts';
import { createProofRuns, type ProofParts, type WatchedCommands } from '../../../src/delegation/attempt/proof-runs.ts';
import { listTree, readBlobs } from '../../../src/workspace/read-objects.ts';
import type { ChangedFile } from '../../../src/workspace/types.ts';
import { tests } from '../../mcp/sample-report.ts';
import { makeWorkspace, makeWorld } from '../../workspace/world.ts';

export type Files = Readonly<Record<string, string>>;

/** What a check that is played says of the files that it runs on. */
export interface Played {
  readonly run: CheckRun;
  readonly output?: string;
}
export type Play = (files: ReadonlyMap<string, string>, commands: WatchedCommands) => Played;

/** What is played looks for code by its text: statements that do nothing, which are put beside it now and then, go. */
const withoutNothing = (text: string) =>
  text
    .replace(/(?:void 0|let _ = 0|_ = 0|\(->\(\) \{\}\)\.call|\(function \(\) \{\}\)\(\)); |^ *\(lambda: None\)\(\)\n/gm, '')
    .replace(/\(\(\) => ([^{\n]*)\)\(\)(?=[;,]?\n)/g, '$1');

const FOUND = { kind: 'test', file: 'package.json', folder: '' } as const;

/** Work with a check that was found, on a base whose check passes: commits and trees are real, and what runs on them is played. */
export async function makeProofWorld() {
  const world = await makeWorld();

  async function commit(files: Files): Promise<string> {
    await world.git('rm', '-rqf', '--ignore-unmatch', '.');
    for (const [path, text] of Object.entries(files)) await world.write(path, text);
    await world.git('add', '-A');
    await world.git('commit', '-qm', 'files', '--allow-empty');
    return (await world.git('rev-parse', 'HEAD')).trim();
  }

  return {
    world,
    remove: () => world.remove(),
    /** @param result what the attempt has written on top of the base; @param seen what of a text is seen by what is played */
    async parts(base: Files, result: Files, play: Play, more: Partial<ProofParts> = {}, seen = withoutNothing): Promise<ProofParts> {
      const commits = { base: await commit(base), result: await commit({ ...base, ...result }) };
      const { privateGit } = await makeWorkspace(world, `work-${commits.result}`);
      const filesOf = async (tree: string) => {
        const paths = (await listTree(privateGit, tree)).map(({ path }) => path);
        return new Map([...(await readBlobs(privateGit, tree, paths, 1e6))].map(([path, bytes]) => [path, seen(bytes.toString())]));
      };
      const runs = createProofRuns(privateGit, async (commands) => {
        const { run, output = '' } = play(await filesOf(commands.tree), commands);
        commands.onOutput(output);
        return commands.commands.map(() => run);
      });
      const check: CheckComparison = {
        ...{ command: 'make test', base: tests(1, 0), result: tests(2, 0), verdict: 'pass', newFailures: 0, found: FOUND },
      };
      const files = Object.keys(result).map((path): ChangedFile => ({ path, status: path in base ? 'M' : 'A', added: 1, removed: 0 }));
      const usual = { comparisons: [check], folder: '', timeoutMs: 1000, until: 100_000, now: () => 0 };
      return { runs, files, ...commits, ...usual, ...more };
    },
  };
}
