import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { stateDirectory } from '../../../src/state-directory.ts';
import { until } from '../../until.ts';
import { seedRepository } from './seeded-repository.ts';

interface GitApi {
  readonly repositories: readonly { readonly rootUri: vscode.Uri }[];
  openRepository(uri: vscode.Uri): Promise<unknown>;
}

/** VS Code's git takes a folder in a repository that it has not open for one of the repository around it. */
describe('work in a repository within another one, which VS Code has closed', function () {
  this.timeout(60_000);
  const outer = realpathSync(vscode.workspace.workspaceFolders![0]!.uri.fsPath);
  const inner = path.join(outer, 'vendor', 'inner');
  const gitAt = (cwd: string, ...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words], { cwd, encoding: 'utf8' }).trim();
  const headOf = (cwd: string) => gitAt(cwd, 'rev-parse', '--abbrev-ref', 'HEAD');
  let work: { readonly id: string; readonly branch: string };

  before(async () => {
    await vscode.extensions.getExtension('claude-kimi.claude-kimi-mcp')!.activate();
    execFileSync('git', ['init', '-q', '-b', 'main', outer]);
    mkdirSync(inner, { recursive: true });
    mkdirSync(path.join(outer, 'feature'), { recursive: true });
    writeFileSync(path.join(outer, 'feature/rate-limiting'), 'committed\n');
    gitAt(outer, 'add', 'feature');
    gitAt(outer, 'commit', '-q', '-m', 'A file that is called like the branch');
    const state = stateDirectory(process.env);
    assert.ok(state.ok);
    work = seedRepository(inner, state.folder);
    await vscode.commands.executeCommand('claudeKimi.refresh');
    const git: vscode.Extension<{ getAPI(version: 1): GitApi }> = vscode.extensions.getExtension('vscode.git')!;
    const api = (await git.activate()).getAPI(1);
    const isOpen = (folder: string) => api.repositories.some(({ rootUri }) => rootUri.fsPath === folder);
    for (const folder of [outer, inner]) await api.openRepository(vscode.Uri.file(folder));
    await until('both', async () => isOpen(outer) && isOpen(inner));
    await vscode.commands.executeCommand('git.close', await api.openRepository(vscode.Uri.file(inner)));
    await until('only the outer one', async () => isOpen(outer) && !isOpen(inner));
  });

  it('is checked out there, and overwrites nothing in the one around it', async () => {
    writeFileSync(path.join(outer, 'feature/rate-limiting'), 'not committed\n');
    await vscode.commands.executeCommand('claudeKimi.checkOut', work.id);
    assert.deepEqual([headOf(inner), headOf(outer)], [work.branch, 'main']);
    assert.equal(readFileSync(path.join(outer, 'feature/rate-limiting'), 'utf8'), 'not committed\n');
  });
});
