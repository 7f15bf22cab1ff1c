import { lstatSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { z } from 'zod';
import { realPathOf } from '../../common/real-path.ts';
import { DEMO_BUG, makeDemoRepository } from '../../workspace/demo-repository.ts';
import { notify } from '../notify.ts';
import type { WindowContext } from '../window-context.ts';
import { proposeBranch } from './propose-branch.ts';
import { runTask } from './run-task.ts';

/** The folders of demos that were made on this machine. */
const KEY = 'claudeKimi.demos';
const demosSchema = z.array(z.string());

const demosOf = (memory: vscode.Memento) => demosSchema.safeParse(memory.get(KEY)).data ?? [];

/** The first delegation, on a repository that nobody can lose anything in: makes and opens it, and in its window hands over its bug. */
export async function tryDemo(
  window: WindowContext,
  memory: vscode.Memento,
  mayDelegate: (root: string) => Promise<boolean>,
): Promise<void> {
  await window.ready;
  const root = openDemo(window, memory);
  if (root !== null) await handOver(window, root, mayDelegate);
  else await makeAndOpen(memory);
}

/** In the window of a demo on which nobody has begun: says what it is, and begins at a click. */
export async function offerDemo(window: WindowContext, memory: vscode.Memento): Promise<void> {
  await window.ready;
  if (!vscode.workspace.isTrusted || openDemo(window, memory) === null || window.delegations().length > 0) return;
  const { t } = vscode.l10n;
  const begin = t('Hand Over the Bug');
  const text = t('This is the demo: a cart that forgets quantities, and a test that fails for it. Kimi can fix it on a branch of its own.');
  if ((await notify.info(text, begin)) === begin) await vscode.commands.executeCommand('claudeKimi.tryDemo');
}

function openDemo(window: WindowContext, memory: vscode.Memento): string | null {
  const demos = demosOf(memory);
  return window.repositories().find(({ root }) => demos.includes(root))?.root ?? null;
}

async function handOver(window: WindowContext, repository: string, mayDelegate: (root: string) => Promise<boolean>): Promise<void> {
  if (!(await mayDelegate(repository))) return;
  const branch = proposeBranch('bug', 'cart quantities', (name) => window.findByBranch(repository, name) !== undefined);
  await runTask(window, { tool: 'fix_bug', repository, branch, args: { bug_description: DEMO_BUG } }, null);
}

async function makeAndOpen(memory: vscode.Memento): Promise<void> {
  const { t } = vscode.l10n;
  const folder = freeFolder(path.join(homedir(), 'kimi-delegate-demo'));
  const make = t('Make and Open It');
  const detail = t(
    '{0} is made, with a few files of JavaScript and a test that fails, and opened. You can delete it at any time. Its tests need Node.js.',
    folder,
  );
  if ((await notify.info(t('Try Kimi Delegate on a demo repository?'), { modal: true, detail }, make)) !== make) return;
  if (!isFree(folder)) return makeAndOpen(memory); // somebody was quicker, while the question stood
  await makeDemoRepository(folder);
  // The window that opens it knows it by its real path, and the home may be a link.
  await memory.update(KEY, [...demosOf(memory), realPathOf(folder) ?? folder].slice(-20));
  const forceNewWindow = (vscode.workspace.workspaceFolders?.length ?? 0) > 0;
  await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), { forceNewWindow });
}

/** A demo is made anew each time: the last one may be merged already. */
function freeFolder(wanted: string): string {
  for (let number = 1; ; number += 1) {
    const folder = number === 1 ? wanted : `${wanted}-${number}`;
    if (isFree(folder)) return folder;
  }
}

/** Nothing is there, or an empty folder; behind a link would be another one than is named. */
function isFree(folder: string): boolean {
  const there = lstatSync(folder, { throwIfNoEntry: false });
  return there === undefined || (there.isDirectory() && readdirSync(folder).length === 0);
}
