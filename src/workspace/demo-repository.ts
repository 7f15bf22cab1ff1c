import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GitError, runGit } from './run-git.ts';

/** A name in a text, and no import of ours. */
const CART = "'../src/cart.js'";

const FILES: Record<string, string> = {
  'package.json': `${JSON.stringify({ name: 'corner-shop', version: '1.0.0', private: true, type: 'module', scripts: { test: 'node --test' } }, null, 2)}\n`,
  'README.md': '# Corner shop\n\nA cart that adds up prices. `npm test` runs the tests.\n',
  'src/cart.js': `/** A cart of lines: { name, price in cents, quantity }. */
export function total(lines) {
  let sum = 0;
  for (const line of lines) {
    sum += line.price;
  }
  return sum;
}

/** Ten percent off from 50.00 on. */
export function withDiscount(cents) {
  return cents >= 5000 ? Math.round(cents * 0.9) : cents;
}
`,
  'test/cart.test.js': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { total, withDiscount } from ${CART};

test('an empty cart costs nothing', () => {
  assert.equal(total([]), 0);
});

test('quantities count', () => {
  assert.equal(total([{ name: 'apple', price: 30, quantity: 4 }]), 120);
});

test('a large order gets its discount', () => {
  assert.equal(withDiscount(6000), 5400);
});
`,
};

/** What is wrong in it, as somebody would report it. */
export const DEMO_BUG = `\`npm test\` fails on main: "quantities count" in test/cart.test.js.

  AssertionError [ERR_ASSERTION]: Expected values to be strictly equal: 30 !== 120
      at TestContext.<anonymous> (test/cart.test.js:10:10)

total() in src/cart.js seems to forget the quantity of a line. Expected: price times quantity, for every line.
A line without a quantity must keep counting as one piece (older callers send none). Add a regression test for that.`;

/** A small repository with one failing test, to try a delegation on. @param folder empty, or not there yet */
export async function makeDemoRepository(folder: string): Promise<void> {
  for (const [file, text] of Object.entries(FILES)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text, { flag: 'wx' });
  }
  await git(folder, 'init', '-q', '-b', 'main');
  // Of its own, so that a merge works for who has none.
  await git(folder, 'config', 'user.name', 'Demo');
  await git(folder, 'config', 'user.email', 'demo@localhost');
  await git(folder, 'add', '.');
  await git(folder, 'commit', '-q', '-m', 'Corner shop with a bug in the cart');
}

async function git(cwd: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await runGit(args, { cwd });
  if (code !== 0) throw new GitError(args, code, stderr, null);
}
