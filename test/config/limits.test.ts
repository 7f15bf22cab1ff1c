import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { resolveSettings, type SettingName } from '../../src/config.ts';
import { parseArguments } from '../../src/mcp/tool-arguments.ts';
import { MCP_TOOLS } from '../../src/mcp/tool-schemas.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

interface Property {
  readonly type: string | readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly items?: { readonly pattern?: string };
}

const sections = JSON.parse(read('package.json')).contributes.configuration as { properties: Record<string, Property> }[];
const ofWindow = ['repositories', 'claudePath', 'agentMode', 'notifications'];
const properties = sections
  .flatMap((section) => Object.entries(section.properties))
  .map(([name, property]) => [name.replace('claudeKimi.', ''), property] as const)
  .filter(([name]) => !ofWindow.includes(name)) as (readonly [SettingName, Property])[];

const takes = (name: SettingName, value: unknown, source: 'window' | 'call' = 'window') =>
  resolveSettings([{ source, label: 'here', values: { [name]: value } }]).ok;

/** What is just allowed, and what just not any more. */
const edges = ({ minimum = 0, maximum = 0 }: Property) => ({ inside: [minimum, maximum], outside: [minimum - 1, maximum + 1] });

describe('a limit is the same wherever it stands', () => {
  it('in the manifest of the extension', () => {
    const numbers = properties.filter(([, { minimum }]) => minimum !== undefined);
    assert.deepEqual(numbers.map(([name]) => name).sort(), [
      'checkTimeoutSeconds',
      'commandMemoryMb',
      'commandProcesses',
      'commandTimeoutSeconds',
      'contextWindow',
      'diskMb',
      'maxAttempts',
      'maxMinutes',
      'maxSteps',
      'retentionDays',
    ]);
    for (const [name, property] of numbers) {
      const { inside, outside } = edges(property);
      for (const value of inside) assert.ok(takes(name, value), `${name} ${value}`);
      for (const value of outside) assert.ok(!takes(name, value), `${name} ${value}`);
    }
    for (const [name, { exclusiveMinimum }] of properties) {
      if (exclusiveMinimum === undefined) continue;
      assert.ok(takes(name, exclusiveMinimum + 0.01) && !takes(name, exclusiveMinimum), name);
    }
    for (const [name, { maxLength, maxItems }] of properties) {
      if (maxLength !== undefined) assert.ok(takes(name, 'x'.repeat(maxLength)) && !takes(name, 'x'.repeat(maxLength + 1)), name);
      if (maxItems !== undefined) assert.ok(takes(name, Array(maxItems).fill('x')) && !takes(name, Array(maxItems + 1).fill('x')), name);
    }
  });

  it('as words and patterns of the manifest too', () => {
    for (const [name, property] of properties) {
      for (const word of property.enum ?? []) assert.ok(takes(name, word), `${name} ${word}`);
      if (property.enum) assert.ok(!takes(name, 'something else'), name);
    }
    const samples = {
      prices: ['0.16/0.95/4', ' 1 / 2 / 3 ', '1/2', '-1/2/3', 'free'],
      allowedHosts: ['registry.npmjs.org', '*.example.org', 'localhost', 'a b', 'https://x.org', 'x.*.org'],
    };
    for (const [name, values] of Object.entries(samples)) {
      const property = properties.find(([known]) => known === name)![1];
      const pattern = new RegExp(property.pattern ?? property.items?.pattern ?? '');
      for (const value of values) {
        const given = property.items ? [value] : value;
        assert.equal(takes(name as SettingName, given), pattern.test(value), `${name} ${value}`);
      }
    }
  });

  it('in the texts about settings', () => {
    const texts = { ...JSON.parse(read('package.nls.json')), ...prefixed('zh ', JSON.parse(read('package.nls.zh-cn.json'))) };
    const readme = read('README.md');
    const variables: Partial<Record<SettingName, string>> = {
      maxSteps: 'KIMI_MAX_STEPS',
      maxMinutes: 'KIMI_MAX_MINUTES',
      contextWindow: 'KIMI_CONTEXT_WINDOW',
    };
    for (const [name, property] of properties) {
      const range = [property.minimum, property.maximum].map(String);
      if (name === 'maxSteps' || name === 'maxMinutes') {
        for (const language of ['', 'zh ']) assert.deepEqual(rangeIn(texts[`${language}setting.${name}`]), range, language + name);
      }
      const variable = variables[name];
      const row = variable && readme.split('\n').find((line) => line.startsWith(`| \`${variable}\``));
      if (variable) assert.deepEqual(rangeIn(row ?? ''), range, variable);
    }
  });

  it('in the tools of the server', () => {
    for (const { name, inputSchema } of MCP_TOOLS) {
      const { max_steps, budget } = inputSchema.properties as Record<string, Property | undefined>;
      assert.equal(max_steps === undefined, budget === undefined, name);
      if (!max_steps) continue;
      const { inside, outside } = edges(max_steps);
      for (const value of inside) assert.ok(takes('maxSteps', value, 'call'), `${name} ${value}`);
      for (const value of outside) assert.ok(!takes('maxSteps', value, 'call'), `${name} ${value}`);
    }
    const target = { repo_path: '/x', branch_name: 'b', task_spec: 'Do it.' };
    for (const checks of [Array(10).fill('x'), Array(11).fill('x'), ['x'.repeat(2000)], ['x'.repeat(2001)]])
      assert.equal(
        parseArguments('implement_feature', { ...target, checks }).ok,
        takes('checks', checks),
        JSON.stringify(checks).slice(0, 80),
      );
  });
});

const rangeIn = (text: string) => /(\d+) (?:to|到) (\d+)/.exec(text)?.slice(1);
const prefixed = (prefix: string, texts: object) => Object.fromEntries(Object.entries(texts).map(([key, value]) => [prefix + key, value]));
