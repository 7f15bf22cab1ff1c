import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { openJournal } from '../../../src/delegation/journal/journal.ts';
import {
  createDelegation,
  delegationFolder,
  delegationId,
  newAttemptFolder,
  writeResult,
} from '../../../src/delegation/store/delegation-folder.ts';
import { stateDirectory } from '../../../src/state-directory.ts';
import { until } from '../../until.ts';
import { identity, result, start } from '../../vscode/sample-records.ts';

/** What a model may hand back so that it cannot be looked at: large files, very many, odd names. */
describe('the review of odd work', function () {
  this.timeout(120_000);
  const extension = vscode.extensions.getExtension('claude-kimi.claude-kimi-mcp')!;
  const folder = realpathSync(vscode.workspace.workspaceFolders![0]!.uri.fsPath);
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words], { cwd: folder, encoding: 'utf8' }).trim();

  before(async () => {
    execFileSync('git', ['init', '-q', '-b', 'main', folder]);
    git('commit', '-q', '--allow-empty', '-m', 'Begin here');
    await extension.activate();
  });
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeAllEditors'));

  /** A branch that adds these files, as a server hands it back. @returns the id of its delegation */
  async function seed(branch: string, files: Readonly<Record<string, string | Buffer>>, status: 'A' | 'M' = 'A'): Promise<string> {
    const state = stateDirectory(process.env);
    assert.ok(state.ok);
    const base = git('rev-parse', 'main');
    git('checkout', '-q', '-b', branch, 'main');
    for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
    git('add', '-A', '-f');
    git('commit', '-q', '-m', 'Work');
    const tip = git('rev-parse', 'HEAD');
    git('checkout', '-q', 'main');
    const commonDir = path.join(folder, '.git');
    const id = delegationId(commonDir, branch);
    const place = delegationFolder(state.folder, id);
    createDelegation(place, { ...identity(branch, id), commonDir, repository: folder });
    const attempt = newAttemptFolder(place);
    const journal = openJournal(attempt.journal, Date.now);
    journal.append({ ...start, base, parent: base });
    const added = Object.keys(files).map((file) => ({ path: file, status, added: 1, removed: 0 }));
    const change = { ...result().change!, files: added, added: added.length, removed: 0 };
    writeResult(attempt.folder, result({ repository: folder, branch, base, tip, change }));
    journal.append({ type: 'end', outcome: 'ready', reason: null });
    journal.close();
    await vscode.commands.executeCommand('claudeKimi.refresh');
    return id;
  }
  /** VS Code keeps documents for a while after their editors. */
  const shown = (branch: string) => {
    const tip = git('rev-parse', branch);
    return vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === 'kimi-delegate' && uri.query.includes(tip));
  };
  const openReview = (id: string) => vscode.commands.executeCommand('claudeKimi.reviewChanges', id);
  const title = () => vscode.window.tabGroups.activeTabGroup.activeTab?.label ?? '';

  it('shows a file whose name holds a line break', async () => {
    const id = await seed('odd/name', { 'new\nline.js': 'evil();\n', 'plain.js': 'x\n' });
    await openReview(id);
    await until('both files', async () => shown('odd/name').length === 2);
    assert.deepEqual(
      shown('odd/name')
        .map((document) => document.getText())
        .sort(),
      ['evil();\n', 'x\n'],
    );
  });

  it('opens however large the files are, and says of those that are too large', async () => {
    const large = Buffer.alloc(50 * 1024 * 1024, 'a');
    const parts = Array.from({ length: 11 }, (_, n) => [`large${n}.txt`, large] as const);
    const id = await seed('odd/large', { ...Object.fromEntries(parts), 'small.js': 'x\n' });
    await openReview(id);
    assert.match(title(), /odd\/large: \+12/);
    await until('the small file', async () => shown('odd/large').some((document) => document.getText() === 'x\n'));
    const query = JSON.stringify({ gitDir: path.join(folder, '.git'), commit: git('rev-parse', 'odd/large') });
    const address = vscode.Uri.from({ scheme: 'kimi-delegate', path: '/large0.txt', query });
    await assert.rejects(async () => vscode.workspace.fs.readFile(address), /large0\.txt has more than 16 MB/);
  });

  it('shows a notebook as text: its outputs would run scripts and load what they like', async () => {
    const output = { output_type: 'display_data', metadata: {}, data: { 'text/html': ['<script>fetch("http://127.0.0.1:9")</script>'] } };
    const cells = [{ cell_type: 'code', execution_count: 1, metadata: {}, source: ['1'], outputs: [output] }];
    const notebook = JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
    const id = await seed('odd/notebook', { 'odd.ipynb': notebook });
    await vscode.commands.executeCommand('claudeKimi.reviewFile', { delegationId: id, click: { kind: 'file', path: 'odd.ipynb' } });
    assert.equal(vscode.window.activeTextEditor?.document.getText(), notebook);
    writeFileSync(path.join(folder, 'odd.ipynb'), notebook.replace('127', '126'));
    git('add', '-f', 'odd.ipynb');
    git('commit', '-q', '-m', 'A notebook');
    const changed = await seed('odd/changed', { 'odd.ipynb': notebook }, 'M');
    await vscode.commands.executeCommand('claudeKimi.reviewFile', { delegationId: changed, click: { kind: 'file', path: 'odd.ipynb' } });
    await until('a diff', async () => vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputTextDiff);
    assert.deepEqual(vscode.window.visibleNotebookEditors, []);
  });

  it('opens the first of very many files', async () => {
    const id = await seed('odd/many', Object.fromEntries(Array.from({ length: 1200 }, (_, n) => [`many${n}.txt`, `${n}\n`])));
    await openReview(id);
    assert.match(title(), /odd\/many: \+1200 .*\(1000 files\)/);
  });
});
