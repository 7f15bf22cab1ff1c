/**
 * A test that fails in the first run on the result and passes in every other, not by chance: whether it has failed yet stands in a file outside
 * of the sandbox, and it waits there until that is noted. Nothing that it leaves itself outlives a run.
 */
import { globSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { writeIn } from '../e2e/world.ts';

const STATE = 'node_modules/clock/state';
const FAILED = 'has failed';
const SIGN = 'waits in ';

/** @param onBase what tells the base: a file and what stands in it there */
export const flakyTest = (onBase: { readonly file: string; readonly text: string }) => `import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
const hasFailed = () => readFileSync('${STATE}', 'utf8') === '${FAILED}';
test('flaky', { timeout: 60_000 }, async () => {
  if (hasFailed() || readFileSync('${onBase.file}', 'utf8') === ${JSON.stringify(onBase.text)}) return;
  process.title = '${SIGN}' + process.cwd();
  while (!hasFailed()) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.fail('too slow');
});
`;

/**
 * Lets it fail once in the attempt that begins.
 * @returns to be called when that is over
 */
export function letFail(repo: string): () => Promise<void> {
  writeIn(repo, 'node_modules/clock/package.json', '{"name":"clock","version":"1.0.0"}');
  writeIn(repo, STATE, '');
  let isOver = false;
  const noted = (async () => {
    while (!isOver && !isWaiting(repo)) await pause(20);
    writeIn(repo, STATE, FAILED);
  })();
  return () => {
    isOver = true;
    return noted;
  };
}

/** A process in a sandbox is one of the host's too, and can say something by its title. */
function isWaiting(repo: string): boolean {
  return globSync('/proc/[0-9]*/cmdline').some((file) => {
    try {
      return readFileSync(file, 'utf8').startsWith(SIGN + repo);
    } catch {
      return false; // has ended meanwhile
    }
  });
}
