/** Names of branches against git itself: what we take, git takes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { branchNameProblem } from '../../src/workspace/branch-name.ts';
import { gitIn, makeRepository } from '../e2e/world.ts';

/** biome-ignore format: a list */
const PIECES = [
  'a', 'b1', 'feature', 'fix-42', 'main', 'HEAD', 'head', 'FETCH_HEAD', 'refs', 'heads', 'remotes', 'tags', 'stash', 'release', '.', '..', '...',
  '/', '//', '-', '--', '@', '@{', '@{-1}', '{', '}', '~', '^', ':', '?', '*', '[', ']', '\\', ' ', '\t', '\n', '\r', '\0', '\x1b', '\x7f', '.lock', '.LOCK',
  '.git', '%2f', '!', '#', '$', '$(id)', '`', '"', "'", ';', '|', '&', '<', '>', ',', '+', '=', 'é', 'e\u0301', '中', '👍', '\u200b', '\u202e', '\ufeff', '\ud800',
  '0123456789abcdef0123456789abcdef01234567', '--upload-pack=x', 'CON', 'aux.', 'x'.repeat(120),
];
const piece = fc.oneof(
  { arbitrary: fc.constantFrom(...PIECES), weight: 4 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 3 }), weight: 1 },
);
const name = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
const MOST_AT_ONCE = 2000;
/** Of those that we take so many are asked for by a process each; all of them by `update-ref`, which asks the same of a list. */
const ASKED_ONE_BY_ONE = 20;

export async function fuzzBranches(count: number, seed: number): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ckm-fuzz-'));
  let [tried, taken, asked, run] = [0, 0, 0, 0];
  try {
    makeRepository(folder);
    const commit = gitIn(folder, 'rev-parse', 'HEAD');
    const many = fc.array(name, { minLength: 1, maxLength: Math.min(MOST_AT_ONCE, count), size: 'max' });
    while (tried < count) {
      const holds = async (names: string[]) => {
        const ours = names.filter((one) => branchNameProblem(one) === null);
        tried += names.length;
        taken += ours.length;
        assert.equal(await refusedBatch(folder, commit, ours), '');
        const some = ours.filter((_, index) => index % ASKED_ONE_BY_ONE === 0);
        asked += some.length;
        assert.deepEqual(await refusedEach(folder, some), []);
      };
      await fc.assert(fc.asyncProperty(many, holds), { seed: seed * 1000 + run++, numRuns: 1 });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return `${tried} names, of which we take ${taken}: git takes them all (${asked} of them asked one by one)`;
}

/** What git says against making all these branches; nothing is made. */
async function refusedBatch(repo: string, commit: string, names: readonly string[]): Promise<string> {
  const commands = ['start', ...names.flatMap((one) => [`create refs/heads/${one}`, commit]), 'abort'];
  return git(repo, ['git', 'update-ref', '--stdin', '-z'], commands.join('\0')).then(({ errors }) => errors);
}

/** Those that git itself refuses as the name of a branch. */
async function refusedEach(repo: string, names: readonly string[]): Promise<string[]> {
  const each = `while IFS= read -r -d '' name; do git check-ref-format --branch "$name" >/dev/null 2>&1 || printf '%s\\0' "$name"; done`;
  const { output } = await git(repo, ['bash', '-c', each], names.join('\0'));
  return output.split('\0').filter(Boolean);
}

async function git(cwd: string, [program = '', ...args]: string[], input: string): Promise<{ output: string; errors: string }> {
  const child = spawn(program, args, { cwd, env: { PATH: process.env['PATH'], LANG: 'C.UTF-8' } });
  child.stdin.on('error', () => {}).end(`${input}\0`);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { output, errors };
}
