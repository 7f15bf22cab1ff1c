import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Inside } from '../../../src/extension.ts';
import { stateDirectory } from '../../../src/state-directory.ts';
import type { Row } from '../../../src/vscode/tree/rows.ts';
import { readWindowSettings } from '../../../src/vscode/window-settings.ts';
import { until } from '../../until.ts';
import { type Seeded, seedRepository } from './seeded-repository.ts';

/** Our own extension in its extension host: what VS Code made of the manifest, and what the window makes of the disk. */
describe('Kimi Delegate in the extension host', () => {
  const extension = vscode.extensions.getExtension<Inside>('claude-kimi.claude-kimi-mcp')!;
  const settings = () => vscode.workspace.getConfiguration('claudeKimi');
  let inside: Inside;
  let seeded: Seeded;

  before(async () => {
    const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const state = stateDirectory(process.env);
    assert.ok(state.ok);
    seeded = seedRepository(folder, state.folder);
    inside = await extension.activate();
    await vscode.commands.executeCommand('claudeKimi.refresh');
  });

  it('is activated by VS Code, from the folder under development', () => {
    assert.ok(extension.isActive);
    assert.equal(extension.extensionKind, vscode.ExtensionKind.Workspace);
  });

  it('registers every command of its manifest', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const named: { command: string }[] = extension.packageJSON.contributes.commands;
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    );
  });

  it('shows a delegation of another server in its group, with its facts', async () => {
    const [ready, ...others] = await inside.rows();
    assert.deepEqual([ready?.label, ready?.description, others.length], ['Ready to Review', '1', 0]);
    const [row] = ready!.children;
    assert.equal(row?.label, seeded.branch);
    assert.match(row?.description ?? '', /^41\/41 · \+1 −1 · \$0\.12 · /);
    assert.match(row?.contextValue ?? '', /\bready\b.*\bmerge\b/);
    assert.deepEqual(labels(row!.children), ['Warnings', 'Files', 'Attempts']);
  });

  it('opens the review, with both sides by commit', async () => {
    await vscode.commands.executeCommand('claudeKimi.reviewChanges', seeded.id);
    const { activeTab } = vscode.window.tabGroups.activeTabGroup;
    assert.match(activeTab?.label ?? '', /feature\/rate-limiting: \+1 −1/);
    const sides = vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === 'kimi-delegate').map((document) => document.getText());
    assert.deepEqual(sides.sort(), ['none\n', 'ten a minute\n']);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('opens no file of a repository that nothing was delegated in, whoever names its address', async () => {
    const other = realpathSync(mkdtempSync(path.join(tmpdir(), 'kimi-other-')));
    try {
      const git = (...words: string[]) => execFileSync('git', ['-C', other, ...words], { encoding: 'utf8' }).trim();
      git('init', '-q');
      writeFileSync(path.join(other, 'private.txt'), 'for nobody else\n');
      git('add', '.');
      git('-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', 'commit', '-q', '-m', 'Mine');
      const query = JSON.stringify({ gitDir: path.join(other, '.git'), commit: git('rev-parse', 'HEAD') });
      const address = vscode.Uri.from({ scheme: 'kimi-delegate', path: '/private.txt', query });
      await assert.rejects(async () => vscode.workspace.fs.readFile(address), /EntryNotFound/);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  it('opens one page for two clicks at once', async () => {
    await Promise.all([1, 2].map(() => vscode.commands.executeCommand('claudeKimi.showDelegation', seeded.id)));
    const pages = () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.filter(({ label }) => label === seeded.branch));
    await until('the page', async () => pages().length > 0);
    assert.equal(pages().length, 1);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('copies the name of a branch', async () => {
    await vscode.commands.executeCommand('claudeKimi.copyName', seeded.id);
    assert.equal(await vscode.env.clipboard.readText(), seeded.branch);
  });

  it('lets a folder set how work is done, and not where the key goes or what the sandbox holds', async () => {
    const { Workspace } = vscode.ConfigurationTarget;
    await settings().update('maxSteps', 7, Workspace);
    assert.equal(settings().get('maxSteps'), 7);
    await settings().update('maxSteps', undefined, Workspace);
    for (const [name, value] of [
      ['baseUrl', 'https://example.org/v1'],
      ['budget', 1e6],
      ['budgetPerDay', 1e6],
      ['sandbox', 'unsandboxed'],
      ['allowedHosts', ['example.org']],
      ['setupCommand', 'touch evil'],
      ['setupFiles', ['/etc/passwd']],
      ['repositories', { '*': 'allow' }],
      ['claudePath', '/tmp/claude'],
      ['notifications', 'off'],
      ['agentMode', 'on'],
      ['disclosure', 'open'],
      ['showTokenStats', false],
    ] as const)
      await assert.rejects(
        async () => settings().update(name, value, Workspace),
        /application|machine|not supported|can not|cannot|unable/i,
        name,
      );
  });
});

describe('what a folder sets', () => {
  const settings = () => vscode.workspace.getConfiguration('claudeKimi');
  const { Global, Workspace } = vscode.ConfigurationTarget;

  it('frees no branch that the user protects, or that is protected otherwise', async () => {
    const usual = settings().inspect<string[]>('protectedBranches')!.defaultValue!;
    const read = () => readWindowSettings(vscode.workspace.workspaceFolders![0]!.uri).protectedBranches;
    try {
      assert.equal(read(), undefined);
      await settings().update('protectedBranches', [], Workspace);
      assert.equal(read(), undefined);
      await settings().update('protectedBranches', ['staging'], Workspace);
      assert.deepEqual(read(), [...usual, 'staging']);
      await settings().update('protectedBranches', ['mine'], Global);
      assert.deepEqual(read(), ['mine', 'staging']);
      await settings().update('protectedBranches', ['staging', 7], Workspace);
      assert.deepEqual(read(), ['mine', '**'], 'what nobody can read may be any branch');
    } finally {
      for (const target of [Global, Workspace]) await settings().update('protectedBranches', undefined, target);
    }
  });
});

const labels = (rows: readonly Row[]) => rows.map(({ label }) => label);
