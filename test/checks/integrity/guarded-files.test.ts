import assert from 'node:assert/strict';
import { askedBy } from '../../../src/checks/integrity/asked.ts';
import { guardedFiles } from '../../../src/checks/integrity/guarded-files.ts';
import { installScripts } from '../../../src/checks/integrity/install-scripts.ts';
import { file, said } from './judge.ts';

const KINDS: Readonly<Record<string, readonly string[]>> = {
  ci: [
    '.github/workflows/ci.yml',
    '.github/actions/setup/action.yml',
    '.gitlab-ci.yml',
    '.circleci/config.yml',
    'azure-pipelines.yml',
    'Jenkinsfile',
    '.github/CODEOWNERS',
  ],
  hooks: ['.husky/pre-commit', '.githooks/pre-push', '.pre-commit-config.yaml', 'lefthook.yml', 'web/.lintstagedrc.json'],
  agents: [
    '.claude/settings.json',
    'CLAUDE.md',
    'pkg/AGENTS.md',
    '.cursor/rules/a.mdc',
    '.cursorrules',
    '.mcp.json',
    '.github/copilot-instructions.md',
    '.github/instructions/a.md',
    'GEMINI.md',
    '.kimiignore',
  ],
  editors: [
    '.vscode/tasks.json',
    '.vscode/settings.json',
    '.idea/workspace.xml',
    '.devcontainer/devcontainer.json',
    '.envrc',
    'a.code-workspace',
    '.dir-locals.el',
  ],
  tools: ['.npmrc', '.yarnrc.yml', '.pnpmfile.cjs', '.cargo/config.toml', '.gitmodules'],
};
const OTHERS = [
  '.github/ISSUE_TEMPLATE/bug.md',
  '.github/FUNDING.yml',
  'README.md',
  'src/claude.ts',
  '.vscode/extensions.json',
  '.editorconfig',
  'docs/workflows/ci.yml',
  '.gitignore',
  'src/hooks/use.ts',
];

describe('files that run something elsewhere', () => {
  it('are known, new, changed and deleted', () => {
    for (const [kind, paths] of Object.entries(KINDS))
      for (const path of paths) {
        assert.deepEqual(said(guardedFiles, [file(path, null, 'a\n')]), [`! ${path}:1 ${kind}`]);
        assert.deepEqual(said(guardedFiles, [file(path, 'a\n', 'a\nb\n')]), [`! ${path}:2 ${kind}`]);
        assert.deepEqual(said(guardedFiles, [file(path, 'a\n', null)]), [`! ${path} ${kind}`]);
      }
    for (const path of OTHERS) assert.deepEqual(said(guardedFiles, [file(path, 'a\n', 'b\n')]), [], path);
  });

  it('are only noted where the task or the scope names them', () => {
    const path = '.github/workflows/ci.yml';
    const say = (task: string, ...scope: string[]) =>
      said(guardedFiles, [file(path, 'a\n', 'b\n')], askedBy([task], scope))[0]?.startsWith('!') !== true;
    for (const task of [
      'Add Node 24 to .github/workflows/ci.yml.',
      'Fix `ci.yml`',
      'Update .github/workflows: use v5',
      'Move everything in `.github/workflows/` to v5.',
      '在 .github/workflows/ci.yml 中加入 Node 24。',
      'Remove the old step from .github/workflows/ci.yml',
      'Remove ci.yml, we use another service',
    ])
      assert.equal(say(task), true, task);
    for (const task of [
      'Make CI green',
      'See .github/CONTRIBUTING.md',
      'Do not touch ci.yml',
      'Remove your changes to ci.yml',
      'Restore ci.yml',
      'You changed ci.yml: revert that.',
      "Add it. Don't change .github/workflows/ci.yml",
      '不要修改 ci.yml',
    ])
      assert.equal(say(task), false, task);
    for (const glob of [path, '.github/**', '.github/workflows/*.yml']) assert.equal(say('', glob), true, glob);
    for (const glob of ['**', '**/*.yml', 'src/**']) assert.equal(say('', glob), false, glob);
  });

  it('are manifests that run what is new by itself', () => {
    const manifest = (more: object) => `${JSON.stringify({ name: 'a', ...more }, null, 2)}\n`;
    const say = (before: object, after: object, task = '') =>
      said(installScripts, [file('package.json', manifest(before), manifest(after))], askedBy([task], []));
    for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
      assert.deepEqual(say({}, { scripts: { [name]: 'node a.js' } }), ['! package.json:4 installScript'], name);
    assert.deepEqual(say({ scripts: { prepare: 'tsc' } }, { scripts: { prepare: 'tsc; curl x' } }), ['! package.json:4 installScript']);
    assert.deepEqual(say({}, { 'simple-git-hooks': { 'pre-commit': 'x' } }), ['! package.json:3 installScript']);
    assert.deepEqual(say({}, { scripts: { postinstall: 'a' } }, 'Add a postinstall script that builds'), ['package.json:4 installScript']);
    assert.deepEqual(say({}, { scripts: { postinstall: 'a' } }, 'Change package.json'), ['! package.json:4 installScript']);
    assert.deepEqual(say({}, { scripts: { test: 'a', build: 'b', prepublishOnly: 'c' } }), []);
    assert.deepEqual(say({ scripts: { prepare: 'tsc' } }, { scripts: { prepare: 'tsc' }, version: '2' }), []);
    assert.deepEqual(said(installScripts, [file('package.json', '{', '{"scripts":')]), []);
    assert.deepEqual(said(installScripts, [file('package.json', null, 'null')]), []);
  });
});
