/** Those of JavaScript, whose tools and packages come from npm. */
import type { Project } from './projects.ts';

export const manifest = (scripts: Record<string, string>, more: object = {}) =>
  `${JSON.stringify({ name: 'parity', version: '1.0.0', private: true, scripts, ...more }, null, 2)}\n`;
const npm = (...packages: string[]) => [`npm install --no-audit --no-fund --loglevel=error ${packages.join(' ')}`];

/** A test that reads what a tool wrote beside its packages, one that needs a dependency, one that needs git, and one that fails. */
const TYPESCRIPT = `import { expect, test } from 'vitest';
import { execFileSync } from 'node:child_process';
import { double } from './double';
test('doubles', () => expect(double(2)).toBe(4));
test('has its own colours', () => expect(process.env.NO_COLOR).toBe(undefined));
test('asks git', () => expect(String(execFileSync('git', ['log', '--format=%s']))).toContain('Begin'));
test('fails', () => expect(double(2)).toBe(5));
`;

/** Its packages lie in node_modules, which git does not see, and its manifest says how it is tested. */
export const project = ({ files, ...more }: Omit<Project, 'needs' | 'command'> & Partial<Pick<Project, 'needs' | 'command'>>): Project => ({
  needs: ['npm'],
  files: { '.gitignore': 'node_modules\n', ...files },
  command: 'npm test',
  ...more,
});

export const WITH_A_DEPENDENCY = {
  'package.json': manifest({ test: 'node --test' }),
  'a.test.js':
    "const { test } = require('node:test'), assert = require('node:assert'), ms = require('ms');\ntest('reads', () => assert.equal(ms('2s'), 2000));\ntest('fails', () => assert.equal(ms('2s'), 1));\n",
};

const vitest = (version: string, more: Partial<Project> = {}) =>
  project({
    name: `vitest ${version} with TypeScript`,
    files: {
      'package.json': manifest({ test: 'vitest run' }, { type: 'module' }),
      'vite.config.ts':
        "import { defineConfig } from 'vite';\nexport default defineConfig({ test: { include: ['*.test.ts'] } } as object);\n",
      'double.ts': 'export const double = (n: number): number => n * 2;\n',
      'double.test.ts': TYPESCRIPT,
    },
    install: npm('-D', `vitest@${version}`, 'typescript@5'),
    outside: { passed: 3, failed: 1 },
    ...more,
  });

export const NODE_PROJECTS: readonly Project[] = [
  project({
    name: "Node's own runner with a dependency",
    files: WITH_A_DEPENDENCY,
    install: npm('ms@2.1.3'),
    outside: { passed: 1, failed: 1 },
    small: true,
  }),
  project({
    name: 'node_modules that are a link to those of another checkout',
    files: WITH_A_DEPENDENCY,
    install: [...npm('ms@2.1.3'), 'mkdir ../other && mv node_modules ../other && ln -s ../other/node_modules node_modules'],
    outside: { passed: 1, failed: 1 },
  }),
  vitest('1'),
  vitest('2'),
  vitest('3'),
  vitest('4', { small: true }),
  project({
    name: 'Mocha with a cache in its packages',
    files: {
      'package.json': manifest({ test: 'mocha a.test.js' }),
      'a.test.js':
        "const assert = require('assert'), fs = require('fs');\nit('writes beside its packages', () => { fs.mkdirSync('node_modules/.cache/x', { recursive: true }); fs.writeFileSync('node_modules/.cache/x/y', ''); });\nit('is in colour as outside', () => assert.equal(process.env.NO_COLOR, undefined));\nit('fails', () => assert.equal(1, 2));\n",
    },
    install: npm('-D', 'mocha@11'),
    outside: { passed: 2, failed: 1 },
  }),
  project({
    name: 'Jest',
    files: {
      'package.json': manifest({ test: 'jest' }),
      'a.test.js':
        "test('adds', () => expect(1 + 1).toBe(2));\ntest('takes a snapshot', () => expect({ a: 1 }).toMatchSnapshot());\ntest('fails', () => expect(1).toBe(2));\n",
      '.gitignore': 'node_modules\n__snapshots__\n',
    },
    install: npm('-D', 'jest@30'),
    outside: { passed: 2, failed: 1 },
  }),
  project({
    name: 'AVA',
    files: {
      'package.json': manifest({ test: 'ava' }, { type: 'module' }),
      'test.js': "import test from 'ava';\ntest('adds', (t) => t.is(1 + 1, 2));\ntest('fails', (t) => t.is(1, 2));\n",
    },
    install: npm('-D', 'ava@6'),
    // Its summary does not tell how many passed where one failed.
    outside: { passed: 0, failed: 1 },
  }),
  project({
    name: 'Deno with a package of npm',
    files: {
      'package.json': manifest({ test: 'deno test --allow-env' }, { type: 'module' }),
      'deno.json': '{"nodeModulesDir": "manual"}\n',
      'a_test.ts':
        "import ms from 'ms';\nDeno.test('reads', () => { if (ms('2s') !== 2000) throw new Error(); });\nDeno.test('has its own colours', () => { if (Deno.env.get('NO_COLOR') !== undefined) throw new Error(); });\nDeno.test('fails', () => { throw new Error(); });\n",
    },
    install: npm('deno@2', 'ms@2.1.3'),
    outside: { passed: 2, failed: 1 },
  }),
  project({
    name: 'Bun with a package of npm',
    files: {
      'package.json': manifest({ test: 'bun test' }),
      'a.test.ts':
        "import { expect, test } from 'bun:test';\nimport ms from 'ms';\ntest('reads', () => expect(ms('2s')).toBe(2000));\ntest('fails', () => expect(1).toBe(2));\n",
    },
    install: npm('bun@1', 'ms@2.1.3'),
    outside: { passed: 1, failed: 1 },
  }),
];
