import assert from 'node:assert/strict';
import { estimateTokens } from '../../src/mcp/estimate-tokens.ts';
import { instructions } from '../../src/mcp/instructions.ts';
import { ARGUMENTS, parseArguments } from '../../src/mcp/tool-arguments.ts';
import { MCP_TOOLS, type ToolName, taskField } from '../../src/mcp/tool-schemas.ts';
import { english } from '../messages/english.ts';

const MAIN = ['implement_feature', 'write_tests', 'fix_bug'] as const;
const main = MCP_TOOLS.filter(({ name }) => (MAIN as readonly string[]).includes(name));

describe('tools: what a client reads', () => {
  it('are those of the original and the ones around them', () => {
    const names = MCP_TOOLS.map(({ name }) => name);
    for (const name of [...MAIN, 'get_delegation', 'cancel_delegation', 'resume_delegation'])
      assert.ok(names.includes(name as never), name);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(Object.keys(ARGUMENTS).sort(), [...names].sort(), 'every tool has its arguments checked');
  });

  it('the three main ones take less than 6 KB of JSON in all', () => {
    const bytes = Buffer.byteLength(JSON.stringify(main));
    assert.ok(bytes < 6 * 1024, String(bytes));
  });

  it('the three main ones and the instructions take less than 1,700 tokens by our cautious count, which tells a fifth too many', () => {
    const tools = main.map(({ name, description, inputSchema }) => JSON.stringify({ name, description, input_schema: inputSchema }));
    for (const disclosure of ['silent', 'open'] as const) {
      const tokens = estimateTokens(tools.join('') + instructions(disclosure));
      assert.ok(tokens < 1700, `${disclosure}: ${tokens}`);
    }
  });

  it('only the main ones are loaded at once', () => {
    const loaded = MCP_TOOLS.filter((tool) => '_meta' in tool && (tool._meta as Record<string, unknown>)['anthropic/alwaysLoad']).map(
      ({ name }) => name,
    );
    assert.deepEqual(loaded.sort(), [...MAIN].sort());
  });

  it('names and required arguments of the main ones are those of the original', () => {
    for (const { name, inputSchema } of main) {
      const field = name === 'fix_bug' ? 'bug_description' : 'task_spec';
      assert.equal(taskField(name), field);
      assert.deepEqual(inputSchema.required, ['repo_path', 'branch_name', field]);
      const properties = Object.keys(inputSchema.properties);
      for (const option of ['attempt', 'base', 'include_uncommitted', 'checks', 'scope', 'max_steps', 'budget', field])
        assert.ok(properties.includes(option), option);
    }
  });

  it('say honestly what they do', () => {
    for (const tool of MCP_TOOLS) {
      const looks = tool.name === 'get_delegation' || tool.name === ('delegation_diff' as string);
      assert.equal(tool.annotations.readOnlyHint, looks, tool.name);
    }
  });

  it('say what they do and what a caller must know', () => {
    const said: Readonly<Record<(typeof MCP_TOOLS)[number]['name'], RegExp>> = {
      implement_feature:
        /^Implement a feature.*before you read the code.*task_spec, under 200 words: goal.*Not for small edits.*Same branch again = attempt 2/,
      write_tests: /^Write tests for existing code.*production code is out of scope.*Same branch again = attempt 2/,
      fix_bug:
        /^Find and fix a reproducible bug.*before you search for the cause.*bug_description, under 200 words.*: exact error.*Same branch again = attempt 2/,
      get_delegation: /^Status of a delegation.*stored report.*without branch_name, the list.*Costs nothing/,
      cancel_delegation: /^Stop the attempt.*kept and can be resumed/,
      resume_delegation: /^Continue an attempt.*higher max_steps or budget/,
      merge_delegation: /^Merge reviewed work.*Only when the user agrees.*Refused when the tip is not the one you reviewed/,
      discard_delegation: /^Put a delegation aside.*restore_delegation.*Only when the user agrees/,
      restore_delegation: /^Undo discard_delegation/,
      delegation_diff: /^The diff of finished work/,
    };
    for (const { name, description } of MCP_TOOLS) assert.match(description, said[name], name);
  });

  it('say when to fall back, and that the checkout is left alone', () => {
    for (const { description } of main) {
      assert.match(description, /fallback_needed is true/);
      assert.match(description, /private copy of repo_path/);
    }
  });

  it('required arguments exist, and every property has a type', () => {
    for (const { inputSchema } of MCP_TOOLS) {
      const properties: Record<string, { type?: string }> = inputSchema.properties as never;
      for (const name of inputSchema.required) assert.ok(properties[name]);
      for (const [name, schema] of Object.entries(properties)) assert.ok(schema.type, name);
    }
  });
});

describe('tools: arguments', () => {
  const good = { repo_path: '/home/ann/shop', branch_name: 'feature/x', task_spec: 'Do it.' };

  it('the plain call of the original is taken', () => {
    assert.ok(ARGUMENTS.implement_feature.safeParse(good).success);
    assert.ok(ARGUMENTS.write_tests.safeParse(good).success);
    assert.ok(ARGUMENTS.fix_bug.safeParse({ ...good, bug_description: 'It fails.' }).success);
    assert.ok(ARGUMENTS.get_delegation.safeParse({ repo_path: '/x' }).success);
  });

  it('attempt is a hint: whatever it is, the call is taken', () => {
    for (const attempt of [1, 2, '2', 'second', null, 99])
      assert.ok(ARGUMENTS.implement_feature.safeParse({ ...good, attempt }).success, String(attempt));
  });

  /** What clients and their models send for optional arguments, and what is meant. */
  const MEANT: readonly [ToolName, Record<string, unknown>, Record<string, unknown>][] = [
    ['implement_feature', { checks: 'npm test' }, { checks: ['npm test'] }],
    ['implement_feature', { checks: ' npm test\n\nnpm run lint, all\n' }, { checks: ['npm test', 'npm run lint, all'] }],
    ['implement_feature', { checks: '["npm test"]' }, { checks: ['npm test'] }],
    ['implement_feature', { checks: '"npm test"' }, { checks: ['npm test'] }],
    ['implement_feature', { checks: '[ -f done.txt ]' }, { checks: ['[ -f done.txt ]'] }],
    ['implement_feature', { checks: ['npm test', '', null] }, { checks: ['npm test'] }],
    ['implement_feature', { checks: '[]' }, { checks: [] }],
    ['implement_feature', { scope: 'src/**' }, { scope: ['src/**'] }],
    ['implement_feature', { scope: 'src/**, test/*.{js,ts}\ndocs' }, { scope: ['src/**', 'test/*.{js,ts}', 'docs'] }],
    ['implement_feature', { scope: '["src/**","test/**"]' }, { scope: ['src/**', 'test/**'] }],
    ['implement_feature', { include_uncommitted: 'true' }, { include_uncommitted: true }],
    ['implement_feature', { include_uncommitted: 'False' }, { include_uncommitted: false }],
    ['implement_feature', { include_uncommitted: 1 }, { include_uncommitted: true }],
    ['implement_feature', { include_uncommitted: 'no' }, { include_uncommitted: false }],
    ['implement_feature', { base: ' main ' }, { base: 'main' }],
    ['implement_feature', { base: 1234567 }, { base: '1234567' }],
    ['implement_feature', { attempt: 2 }, { attempt: 2 }],
    ['implement_feature', { attempt: '2' }, { attempt: 2 }],
    ['implement_feature', { attempt: 'second' }, {}],
    ['write_tests', { max_steps: '30', budget: '0.5' }, { max_steps: '30', budget: '0.5' }],
    ['get_delegation', { seen: '12' }, { seen: '12' }],
    [
      'merge_delegation',
      { how: 'apply', preview: 'false', message: 'Add it', into: '' },
      { how: 'apply', preview: false, message: 'Add it' },
    ],
    ['delegation_diff', { path: ' src/a.js ' }, { path: 'src/a.js' }],
  ];
  const full = { ...good, bug_description: 'It fails.', expected_tip: '1234567' };
  for (const [name, given, meant] of MEANT) {
    it(`${name} takes ${JSON.stringify(given)}`, () => {
      const read: Record<string, unknown> = ARGUMENTS[name].parse({ ...full, ...given });
      for (const property of Object.keys(given)) assert.deepEqual(read[property], meant[property], property);
    });
  }

  it('every optional argument of every tool may be null, empty or the word for nothing', () => {
    for (const { name, inputSchema } of MCP_TOOLS) {
      const optional = Object.keys(inputSchema.properties).filter((property) => !inputSchema.required.includes(property));
      for (const property of optional) {
        for (const nothing of [null, '', '  ', 'null', 'undefined', undefined]) {
          const { branch_name: _, ...rest } = full;
          const given = { ...(property === 'branch_name' ? rest : full), [property]: nothing };
          const what = `${name} ${property}: ${JSON.stringify(nothing)}`;
          const read = parseArguments(name, given);
          assert.ok(read.ok, what);
          assert.equal((read.given as Record<string, unknown>)[property], undefined, what);
        }
      }
    }
  });

  it('unknown arguments do no harm', () => assert.ok(ARGUMENTS.implement_feature.safeParse({ ...good, colour: 'red' }).success));

  const BAD: readonly [string, Record<string, unknown>, RegExp][] = [
    ['no task', { ...good, task_spec: undefined }, /task_spec/],
    ['an empty task', { ...good, task_spec: '  ' }, /task_spec/],
    ['no path', { ...good, repo_path: '' }, /repo_path/],
    ['a branch that is no text', { ...good, branch_name: 7 }, /branch_name/],
    ['checks that are no commands', { ...good, checks: [7] }, /checks/],
    ['a yes or no that is neither', { ...good, include_uncommitted: 'maybe' }, /include_uncommitted/],
    ['a scope of objects', { ...good, scope: [{ path: 'src' }] }, /scope/],
    ['a base that is a list', { ...good, base: ['main'] }, /base/],
    ['too many checks', { ...good, checks: Array(11).fill('x') }, /checks/],
    ['a task of a megabyte', { ...good, task_spec: 'x'.repeat(1_000_000) }, /task_spec/],
  ];
  for (const [name, given, words] of BAD) {
    it(`${name}: named, with what the tool needs`, () => {
      const parsed = parseArguments('implement_feature', given);
      assert.ok(!parsed.ok);
      const problem = english(parsed.problem);
      assert.match(problem, words);
      assert.match(problem, /implement_feature needs repo_path, branch_name, task_spec\.$/);
      assert.ok(problem.length < 1000);
    });
  }
});
