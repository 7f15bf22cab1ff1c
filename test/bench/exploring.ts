/**
 * How many exploring calls the first message saves: a scripted model looks at what a task needs before its first change, and at nothing
 * that it was told already. Once it heeds all that it is told, once only the task. The
 * figures are counts: they do not depend on the machine. `npm run bench exploring`
 */

import { finish, gitIn, makeWorld, type World, write } from '../e2e/world.ts';
import type { RequestView, ScriptedCall, Turn } from '../fakes/kimi/scenario.ts';
import { field } from '../fakes/mcp-client.ts';

/** One look: the call that a model makes, and how it sees that the answer is there already. */
interface Look {
  readonly call: ScriptedCall;
  isShown(text: string): boolean;
}

interface Task {
  readonly name: string;
  readonly text: string;
  readonly checks?: readonly string[];
  /** What must be known before the first change. Looks of one stage go out together; the next stage builds on them. */
  readonly stages: readonly (readonly Look[])[];
}

const CHECK = 'node --test test/stock.test.js';

/** @param part a line that tells whether what matters of a larger file is shown */
const file = (path: string, part?: string): Look => ({
  call: { name: 'read_file', args: { path } },
  isShown: (text) => {
    const [, , note, content] =
      new RegExp(`<<(\\w+) ${path.replace(/\W/g, '\\$&')}( \\[parts of .*\\])?\\n([\\s\\S]*?)\\n\\1>>`).exec(text) ?? [];
    return content !== undefined && (note === undefined || (part !== undefined && content.includes(part)));
  },
});
const listing: Look = { call: { name: 'list_files', args: {} }, isShown: (text) => /<<\w+ tree\n/.test(text) };
const manifest: Look = {
  call: { name: 'read_file', args: { path: 'package.json' } },
  isShown: (text) => text.includes('Scripts of package.json'),
};
const check: Look = { call: { name: 'run_command', args: { command: CHECK } }, isShown: (text) => text.includes(`output of: ${CHECK}`) };
const search = (pattern: string, path: string): Look => ({
  call: { name: 'search', args: { pattern } },
  isShown: (text) => file(path, pattern).isShown(text),
});
const around: readonly Look[] = [listing, file('AGENTS.md'), manifest];

const TASKS: readonly Task[] = [
  {
    name: 'a file is named, its test is not',
    text: 'Make total() in src/cart/total.js round half up to cents.',
    stages: [around, [file('src/cart/total.js'), file('test/total.test.js')]],
  },
  {
    name: 'two files are named',
    text: 'Move the limits of src/stock/levels.js into src/config.js.',
    stages: [around, [file('src/stock/levels.js'), file('src/config.js')]],
  },
  {
    name: 'a stack trace',
    text: `Importing a file fails:
TypeError: Cannot read properties of undefined (reading 'trim')
    at field (/home/ann/shop/src/csv/field.js:9:21)
    at parse (/home/ann/shop/src/csv/parse.js:14:9)
    at main (file:///home/ann/shop/src/cli/import.js:7:3)`,
    stages: [around, ['field', 'parse'].map((name) => file(`src/csv/${name}.js`)).concat(file('src/cli/import.js'))],
  },
  {
    name: 'a failing check',
    text: 'test/stock.test.js fails. Mend the cause.',
    checks: [CHECK],
    stages: [around, [file('test/stock.test.js')], [file('src/stock/levels.js')], [check]],
  },
  {
    name: 'nothing is named',
    text: 'Add a --json flag to the command that lists orders.',
    stages: [around, [search('orders', 'src/cli/list.js')], [file('src/cli/list.js')]],
  },
  {
    name: 'a large file is named',
    text: 'Add the country XK to src/data/countries.js.',
    stages: [around, [search('XZ', 'src/data/countries.js')]],
  },
];

const MODES = {
  'the task alone': { heeds: false },
  'the first message': { heeds: true },
} as const;

/** Prints the table. */
export async function exploring(): Promise<void> {
  const columns: { calls: number; answers: number }[][] = [];
  for (const { heeds } of Object.values(MODES)) columns.push(await played(heeds));
  console.log(`\n| exploring calls (answers) before the first change | ${Object.keys(MODES).join(' | ')} |`);
  console.log(`| --- |${' ---: |'.repeat(columns.length)}`);
  const shown = ({ calls, answers }: { calls: number; answers: number }) => `${calls} (${answers})`;
  for (const [index, { name }] of TASKS.entries())
    console.log(`| ${name} | ${columns.map((column) => shown(column[index]!)).join(' | ')} |`);
  const sums = columns.map((column) => ({
    calls: column.reduce((sum, { calls }) => sum + calls, 0),
    answers: column.reduce((sum, { answers }) => sum + answers, 0),
  }));
  console.log(`| all | ${sums.map(shown).join(' | ')} |`);
}

async function played(heeds: boolean): Promise<{ calls: number; answers: number }[]> {
  const counts = TASKS.map(() => ({ calls: 0, answers: 0 }));
  const world = await makeWorld((view) => turn(view, heeds, counts), {
    kimi: { thinkMs: (view) => (JSON.stringify(view.messages).includes(CHECK) ? 1500 : 0) },
  });
  try {
    fill(world);
    for (const [index, { text, checks = [] }] of TASKS.entries()) {
      const report = await world.server.call('implement_feature', {
        repo_path: world.repo,
        branch_name: `bench/exploring-${index}`,
        task_spec: text,
        checks,
      });
      if (!['ready', 'unverified', 'checks_failed'].includes(field(report, 'outcome') ?? '')) throw new Error(report);
    }
    return counts;
  } finally {
    await world.close();
  }
}

function turn(view: RequestView, heeds: boolean, counts: { calls: number; answers: number }[]): Turn {
  const said = view.messages.flatMap(({ role, content }) => (role === 'user' && typeof content === 'string' ? [content] : []));
  const index = TASKS.findIndex(({ text }) => said[0]?.endsWith(text));
  const task = TASKS[index]!;
  const made = new Set(
    view.messages.flatMap(({ tool_calls }) => (tool_calls ?? []).map((call) => call.function.name + call.function.arguments)),
  );
  const known = ({ call, isShown }: Look) => made.has(call.name + JSON.stringify(call.args)) || (heeds && isShown(said.join('\n')));
  const open = task.stages.map((stage) => stage.filter((look) => !known(look))).find((stage) => stage.length > 0);
  if (open) {
    counts[index]!.calls += open.length;
    counts[index]!.answers++;
    return { calls: open.map(({ call }) => call) };
  }
  const changed = [...made].some((call) => call.startsWith('write_file'));
  return changed ? finish() : write('changed.txt', 'changed\n');
}

/** A small shop: about 40 files and 140 KB, of which one file is too large to be shown. */
function fill(world: World): void {
  const words = (name: string, lines: number) =>
    Array.from({ length: lines }, (_, i) => `// ${name}, line ${i}: prices are kept in cents, orders in the order in which they came`).join(
      '\n',
    );
  world.write('AGENTS.md', 'No dependencies. Plain functions. A test for each module in test/.\n');
  world.write('package.json', '{"name": "shop", "type": "module", "scripts": {"test": "node --test", "lint": "biome check"}}\n');
  for (const name of ['cart/total', 'cart/add', 'stock/levels', 'csv/field', 'csv/parse', 'cli/import', 'cli/list', 'cli/main', 'config'])
    world.write(`src/${name}.js`, `export const name = '${name}';\n${words(name, 15)}\n`);
  for (let i = 0; i < 24; i++) world.write(`src/pages/page-${i}.js`, `${words(`page ${i}`, 20)}\n`);
  world.write('src/data/countries.js', `${words('country XZ', 700)}\n`);
  world.write('test/total.test.js', "import { name } from '../src/cart/total.js';\n");
  world.write(
    'test/stock.test.js',
    "import assert from 'node:assert';\nimport { name } from '../src/stock/levels.js';\nassert.equal(name, 'levels');\n",
  );
  gitIn(world.repo, 'add', '-A');
  gitIn(world.repo, 'commit', '-q', '-m', 'Shop');
}
