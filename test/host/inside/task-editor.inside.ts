import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { continueWriting, writeInEditor } from '../../../src/vscode/task/task-editor.ts';
import { until } from '../../until.ts';

describe('a task that is written in an editor', function () {
  this.timeout(120_000);
  const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
  afterEach(async () => {
    for (let left = tabs().length; left > 0; left--) await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('closes without a question, and no other editor that comes in front meanwhile', async () => {
    // where the other one comes in front depends on a few milliseconds, and over a network on a hundred
    for (let ms = 0; ms < 8; ms++) {
      const other = await vscode.workspace.openTextDocument({ content: 'half an hour of work' });
      await vscode.window.showTextDocument(other, { preview: false });
      const kept: string[] = [];
      const written = writeInEditor('Delegate Task', 'What?', 'Build it.', false, (text) => kept.push(text));
      const isTask = ({ document }: vscode.TextEditor) => document.getText() === 'Build it.';
      await until('the editor of the task', async () => vscode.window.visibleTextEditors.some(isTask));
      continueWriting(vscode.window.visibleTextEditors.find(isTask)!.document.uri);
      setTimeout(() => void vscode.window.showTextDocument(other, { preview: false }), ms);
      assert.deepEqual([await written, kept], [{ text: 'Build it.', done: true }, ['Build it.']]);
      await until('one editor', async () => tabs().length === 1);
      assert.deepEqual([other.isClosed, other.getText(), tabs()], [false, 'half an hour of work', ['half an hour of work']], `${ms} ms`);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  });
});
