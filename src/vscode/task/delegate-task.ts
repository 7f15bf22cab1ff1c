import * as vscode from 'vscode';
import type { TaskKind } from '../../common/task-kind.ts';
import { checksAtHead } from '../../delegation/first-request/prefetch.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { messageText } from '../../messages/translate.ts';
import { checkBranch } from '../../workspace/branch-name.ts';
import { openRepository } from '../../workspace/open-repository.ts';
import type { Repository } from '../../workspace/types.ts';
import type { DelegationItem } from '../delegations/delegation-item.ts';
import type { WindowRepository } from '../delegations/repositories.ts';
import { ifShaped, isText, listOf } from '../kept-shape.ts';
import { notify } from '../notify.ts';
import { shownPath } from '../text/shown-path.ts';
import { shownPrompt, withoutIcons } from '../text/without-links.ts';
import type { WindowContext } from '../window-context.ts';
import { readWindowSettings } from '../window-settings.ts';
import { askTask, forgetDraft } from './ask-task.ts';
import { proposeBranch } from './propose-branch.ts';
import { runTask, type TaskCall } from './run-task.ts';

const TOOLS = { feature: 'implement_feature', tests: 'write_tests', bug: 'fix_bug' } as const;

/** The text of a task that was left is proposed the next time that one of its kind is asked for. */
const DRAFT = 'task';

/** Everything that "Delegate Task…" asks; `null` at any question leaves without a trace but the text. */
export async function delegateTask(window: WindowContext, mayDelegate: (root: string) => Promise<boolean>): Promise<void> {
  const chosen = await askRepository(window);
  if (!chosen || !(await mayDelegate(chosen.root))) return;
  const opened = await openRepository(chosen.root);
  if (!opened.ok) {
    void notify.error(messageText(opened.reason, vscode.l10n.t));
    return;
  }
  const { repository } = opened;
  const kind = await askKind();
  if (!kind) return;
  const draft = { drafts: window.drafts, key: `${DRAFT}:${kind}` };
  const task = await askTask(kind, draft);
  if (!task) return;
  const branch = await askBranch(repository, kind, task, vscode.Uri.file(chosen.folder));
  if (!branch) return;
  const before = await standing(window, repository.root, branch);
  const checks = await askChecks(chosen, repository, task);
  if (!checks) return;
  if ((await standing(window, repository.root, branch)) !== before) {
    void notify.error(
      vscode.l10n.t('{0} changed while you were asked. Nothing was started, and the text of the task is kept: try again.', branch),
    );
    return;
  }
  const call = taskCall(repository.root, branch, kind, task, checks);
  await runTask(window, call, { text: task, sent: () => forgetDraft(draft, task) });
}

/**
 * What the work would continue on. Claude may begin on a branch of that name while the questions stand: then the task would be feedback on work
 * that it has nothing to do with.
 */
async function standing(window: WindowContext, root: string, branch: string): Promise<string> {
  await window.refresh();
  const opened = await openRepository(root);
  const delegation = window.findByBranch(root, branch);
  const tip = opened.ok ? opened.repository.branches.get(branch) : null;
  return JSON.stringify([tip, delegation?.identity.id, delegation?.lastAttempt?.number, delegation?.disposition]);
}

/** The call that gives feedback on the last attempt to the worker. Checks and base stay as they were. */
export function feedbackCall(window: WindowContext, delegation: DelegationItem, feedback: string): TaskCall {
  const { lastAttempt, identity } = delegation;
  const kind = lastAttempt?.result?.kind ?? lastAttempt?.start?.kind ?? 'feature';
  return taskCall(window.worktreeOf(delegation), identity.branch, kind, feedback, []);
}

function taskCall(repository: string, branch: string, kind: TaskKind, task: string, checks: readonly string[]): TaskCall {
  const field = kind === 'bug' ? 'bug_description' : 'task_spec';
  return { tool: TOOLS[kind], repository, branch, args: { [field]: task, ...(checks.length > 0 && { checks }) } };
}

async function askRepository(window: WindowContext): Promise<WindowRepository | null> {
  await window.ready;
  // A folder can be open twice, by a link.
  const [only, ...others] = [...new Map(window.repositories().map((repository) => [repository.root, repository])).values()];
  if (!only) {
    const text = vscode.l10n.t('The open folder is not a git repository with a commit. Open one, or make a first commit, then try again.');
    void notify.error(text);
    return null;
  }
  if (others.length === 0) return only;
  const items = [only, ...others].map((repository) => ({
    label: shownPath(repository.root.split(/[\\/]/).at(-1) ?? ''),
    description: shownPath(repository.root),
    repository,
  }));
  return (
    (await vscode.window.showQuickPick(items, { title: title(), placeHolder: vscode.l10n.t('In which repository?') }))?.repository ?? null
  );
}

async function askKind(): Promise<TaskKind | null> {
  const t = vscode.l10n.t;
  const items: (vscode.QuickPickItem & { kind_: TaskKind })[] = [
    { label: `$(sparkle) ${t('Implement a feature')}`, detail: t('New behaviour or a change over several files'), kind_: 'feature' },
    { label: `$(beaker) ${t('Write tests')}`, detail: t('Tests for existing code, in the style of the project'), kind_: 'tests' },
    { label: `$(bug) ${t('Fix a bug')}`, detail: t('A bug that can be reproduced, with a regression test'), kind_: 'bug' },
  ];
  return (await vscode.window.showQuickPick(items, { title: title(), placeHolder: t('What is to be done?') }))?.kind_ ?? null;
}

async function askBranch(repository: Repository, kind: TaskKind, task: string, scope: vscode.Uri): Promise<string | null> {
  const usual = vscode.workspace.getConfiguration('claudeKimi').inspect('protectedBranches')?.defaultValue;
  const protectedBranches = textsIn(readWindowSettings(scope).protectedBranches ?? usual);
  const taken = (name: string) => repository.branches.has(name) || repository.checkedOut.has(name);
  const answer = await vscode.window.showInputBox({
    title: title(),
    prompt: vscode.l10n.t('Branch that the work comes back on. Your own checkout is not touched.'),
    value: proposeBranch(kind, task, taken),
    ignoreFocusOut: true,
    validateInput: async (name) => {
      const checked = await checkBranch(repository, name.trim(), { protectedBranches });
      if (!checked.ok) return shownPrompt(messageText(checked.reason, vscode.l10n.t));
      if (checked.tip === null) return null;
      const message = shownPrompt(vscode.l10n.t('{0} exists; the work continues on top of it.', name.trim()));
      return { message, severity: vscode.InputBoxValidationSeverity.Info };
    },
  });
  return answer?.trim() || null;
}

/** @returns the commands; none = those that the server finds by itself, which are not held against the work where they cannot run */
async function askChecks(chosen: WindowRepository, repository: Repository, task: string): Promise<string[] | null> {
  const t = vscode.l10n.t;
  const configured = textsIn(readWindowSettings(vscode.Uri.file(chosen.folder)).checks);
  const found = (await checksAtHead(repository, task)).checks;
  const usual = configured.length > 0 ? configured : found.map(({ command }) => command);
  const fileOf = new Map(found.map(({ command, file }) => [command, file]));
  const known = [...new Set([...usual, ...fileOf.keys()])];
  const other = { label: `$(add) ${t('Another command…')}`, alwaysShow: true };
  const items = known.map((command) => ({
    // what stands in a repository's settings is not to be taken for something else
    label: withoutIcons(oneLine(command, 300)),
    picked: usual.includes(command),
    description: withoutIcons(oneLine(fileOf.get(command) ?? '', 200)),
    command,
  }));
  const picked = await vscode.window.showQuickPick([...items, other], {
    title: t('Which commands prove the work?'),
    placeHolder: t('They run before and after it. With none picked, those that are set or found are run'),
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (!picked) return null;
  const checks = picked.flatMap((item) => ('command' in item ? [item.command] : []));
  const isUsual = configured.length === 0 && checks.join('\0') === usual.join('\0');
  if (!picked.includes(other)) return isUsual ? [] : checks;
  const command = await vscode.window.showInputBox({
    title: title(),
    prompt: t('Command that proves the work, such as npm test'),
    ignoreFocusOut: true,
  });
  if (command === undefined) return null;
  return command.trim() ? [...checks, command.trim()] : checks;
}

/** A folder may write anything into its settings. */
const textsIn = (value: unknown): string[] => ifShaped(listOf(isText), value) ?? [];

const title = () => vscode.l10n.t('Delegate Task');
