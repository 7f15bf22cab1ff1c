// Tests the tests: makes seeded small faults in src/, one at a time, and tells which of them no test notices.
//   node scripts/mutate.mjs [count] [seed] [first-last]      for example: node scripts/mutate.mjs 60 7 1-10
// Node 24, in a checkout without uncommitted changes, that nobody else uses meanwhile: a fault stands in the file while its tests run.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');
const [count = '60', seed = '1', range = `1-${count}`] = process.argv.slice(2);
const [first, last] = range.split('-').map(Number);
const MOST_SECONDS = 240;

/** Tests that start the whole program, for files whose tests do not reach far enough; run when all others passed. */
const WHOLE = {
  workspace: ['test/e2e/decisions.test.ts', 'test/e2e/checkout-states.test.ts', 'test/redteam/git.test.ts'],
  sandbox: ['test/redteam/commands.test.ts', 'test/redteam/files.test.ts'],
  delegation: ['test/e2e/attempts.test.ts', 'test/e2e/next-attempt.test.ts', 'test/e2e/outcomes.test.ts', 'test/e2e/decisions.test.ts'],
  mcp: ['test/e2e/protocol.test.ts', 'test/e2e/outcomes.test.ts', 'test/e2e/decisions.test.ts'],
  broker: ['test/e2e/window-settings.test.ts'],
  launcher: ['test/e2e/package.test.ts'],
  claude: ['test/claude/setup-flow.slow.test.ts', 'test/claude/setup-removal.slow.test.ts'],
  setup: ['test/claude/setup-flow.slow.test.ts', 'test/claude/setup-removal.slow.test.ts'],
  '': ['test/e2e/protocol.test.ts', 'test/e2e/outcomes.test.ts', 'test/e2e/package.test.ts'],
};

/** What is replaced by what; null: by the next number, or by its negation. */
const FAULTS = [
  ['negated condition', /\bif \(/, null],
  ['comparison', / === /, ' !== '],
  ['comparison', / !== /, ' === '],
  ['boundary', / < /, ' <= '],
  ['boundary', / > /, ' >= '],
  ['boundary', / <= /, ' < '],
  ['boundary', / >= /, ' > '],
  ['and for or', / && /, ' || '],
  ['or for and', / \|\| /, ' && '],
  ['sign', / \+ /, ' - '],
  ['sign', / - /, ' + '],
  ['true for false', /\bfalse\b/, 'true'],
  ['false for true', /\btrue\b/, 'false'],
  ['least for most', /\bMath\.min\b/, 'Math.max'],
  ['most for least', /\bMath\.max\b/, 'Math.min'],
  ['some for every', /\.every\(/, '.some('],
  ['every for some', /\.some\(/, '.every('],
  ['number', /(?<![\w.'$-])(\d[\d_]*)(?![\w.'-])/, null],
  ['empty text', /(?<=[(\s[,:])'[^']{2,}'/, "''"],
  ['dropped statement', /^(\s+)(?:await |void )?[\w.#]+(?:\?\.)?[\w.#]*\(.*\);$/, '$1'],
  ['dropped assignment', /^(\s+)[\w.#]+ [-+?|&]*= .*;$/, '$1'],
  ['early return', /^(\s+)(return .+;)$/, '$1return undefined as never;'],
];

if (execFileSync('git', ['status', '--porcelain', 'src'], { cwd: ROOT, encoding: 'utf8' }) !== '')
  throw new Error('src/ has uncommitted changes');
// What talks to VS Code itself needs a window, which takes minutes: test/host/ is not run here.
const needsWindow = (file) => readFileSync(path.join(ROOT, file), 'utf8').includes("from 'vscode'");
const files = globSync('src/**/*.ts', { cwd: ROOT })
  .filter((file) => !needsWindow(file))
  .sort();
const rooms = [...new Set(files.map(roomOf))];
const tests = globSync(
  ['test/!(e2e|host|redteam|claude|install|bench|demo)/**/*.test.ts', 'test/claude/{claude-files,edit-json,find-claude}.test.ts'],
  {
    cwd: ROOT,
  },
).sort();
const tally = { caught: 0, survived: 0 };

for (let number = first; number <= last; number++) {
  const mutant = draw(rooms[number % rooms.length], generator(Number(seed) * 100_000 + number));
  const by = withFault(mutant, () => catcher(mutant.file));
  tally[by ? 'caught' : 'survived']++;
  console.log(`${number} ${by ? 'caught  ' : 'SURVIVED'} ${mutant.file}:${mutant.line} (${mutant.what})${by ? ` by ${by}` : ''}`);
  console.log(`    - ${mutant.before.trim()}\n    + ${mutant.after.trim()}`);
}
console.log(`${tally.caught} caught, ${tally.survived} survived`);

/** Rooms take turns, or the large ones would get nearly all of them. A fault that does not compile is drawn anew. */
function draw(room, random) {
  const candidates = files.filter((file) => roomOf(file) === room).flatMap(faultsIn);
  for (;;) {
    const mutant = candidates[Math.floor(random() * candidates.length)];
    if (withFault(mutant, () => node(['node_modules/typescript/bin/tsc', '-p', '.']).status === 0)) return mutant;
  }
}

function faultsIn(file) {
  const lines = readFileSync(path.join(ROOT, file), 'utf8').split('\n');
  return lines.flatMap((before, index) => {
    if (/^\s*(?:\/?\*|\/\/|import\b|export (?:type|interface)|\} from )/.test(before)) return [];
    return FAULTS.flatMap(([what, pattern, by]) =>
      [...before.matchAll(new RegExp(pattern, 'g'))].map((match) => {
        const change = by?.replace('$1', match[1]) ?? String(Number(match[1]?.replaceAll('_', '')) + 1);
        const changed = before.slice(0, match.index) + change + before.slice(match.index + match[0].length);
        const after = what === 'negated condition' ? negate(before, match.index) : changed;
        return { file, line: index + 1, what, before, after, isText: inText(before, match.index) };
      }),
    ).filter(({ after, isText, what }) => after !== null && after !== before && (!isText || what === 'empty text'));
  });
}

/** Whether a place in a line is inside of quotes: words for people are not code. */
function inText(line, at) {
  const before = line.slice(0, at).replace(/\\./g, '');
  return ["'", '"', '`'].some((quote) => before.split(quote).length % 2 === 0);
}

/** Puts `!( )` around the condition of an `if` that ends on its line. */
function negate(line, at) {
  const open = line.indexOf('(', at);
  let depth = 0;
  for (let end = open; end < line.length; end++) {
    if (line[end] === '(') depth++;
    if (line[end] === ')' && --depth === 0) return `${line.slice(0, open)}(!${line.slice(open, end + 1)})${line.slice(end + 1)}`;
  }
  return null;
}

function withFault({ file, line, after }, act) {
  const whole = readFileSync(path.join(ROOT, file), 'utf8');
  const lines = whole.split('\n');
  lines[line - 1] = after;
  try {
    writeFileSync(path.join(ROOT, file), lines.join('\n'));
    return act();
  } finally {
    writeFileSync(path.join(ROOT, file), whole);
  }
}

/** The first test that fails, or null. */
function catcher(file) {
  return failing([...near(file), 'test/imports.test.ts']) ?? failing(WHOLE[roomOf(file)] ?? []);
}

function failing(some) {
  const there = some.filter((test) => existsSync(path.join(ROOT, test)));
  if (there.length === 0) return null;
  if (node(['esbuild.mjs']).status !== 0) return 'the build'; // which some tests start
  const run = node(['node_modules/mocha/bin/mocha.js', '--bail', '--reporter', 'json', ...there], { timeout: MOST_SECONDS * 1000 });
  if (run.error) return `the time limit of ${MOST_SECONDS} s`;
  if (run.status === 0) return null;
  try {
    const { failures } = JSON.parse(run.stdout.slice(run.stdout.indexOf('{\n  "stats"')));
    return failures[0] ? `"${failures[0].fullTitle}"` : 'mocha, without a test';
  } catch {
    return `mocha: ${run.stderr.trim().split('\n')[0]}`;
  }
}

/** Unit tests of the room and others that load the file, those first that load it most directly. Some start what is built from it. */
function near(file) {
  near.cache ??= new Map(tests.map((test) => [test, distances(test)]));
  const room = roomOf(file);
  const far = (test) => near.cache.get(test).get(file) ?? 99;
  return tests.filter((test) => far(test) <= 2 || test.startsWith(`test/${room}/`)).sort((a, b) => far(a) - far(b));
}

/** How many imports away each file is. */
function distances(start) {
  const found = new Map([[start, 0]]);
  for (const [file, distance] of found) {
    for (const [, name] of readFileSync(path.join(ROOT, file), 'utf8').matchAll(/^(?:import|\} from|export).*?'(\.{1,2}\/[^']+)'/gm)) {
      const target = path.posix.join(path.posix.dirname(file), name);
      if (!found.has(target) && existsSync(path.join(ROOT, target))) found.set(target, distance + 1);
    }
  }
  return found;
}

function node(words, more = {}) {
  return spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28, ...more });
}

function roomOf(file) {
  return file.split('/').length > 2 ? file.split('/')[1] : '';
}

/** mulberry32: small, and the same everywhere. */
function generator(state) {
  let at = state;
  return () => {
    at = (at + 0x6d2b79f5) | 0;
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
