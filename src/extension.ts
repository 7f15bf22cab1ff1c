import path from 'node:path';
import * as vscode from 'vscode';
import type { Message } from './messages/message.ts';
import { stateDirectory } from './state-directory.ts';
import { offerToAgentMode, whyNoAgentMode } from './vscode/agent-mode/mcp-provider.ts';
import { registerActions } from './vscode/commands.ts';
import { watchMenus } from './vscode/delegations/menu-contexts.ts';
import { createStepsDocuments } from './vscode/log/steps-documents.ts';
import { keptPages } from './vscode/page/kept-pages.ts';
import { createPages } from './vscode/page/open-page.ts';
import { createCommitFiles } from './vscode/review/commit-file-system.ts';
import { watchFront } from './vscode/review/front.ts';
import { createLineComments } from './vscode/review/line-comments.ts';
import type { ChildServer } from './vscode/server/child-server.ts';
import { windowProxy } from './vscode/server/window-proxy.ts';
import { registerSetup } from './vscode/setup/setup-commands.ts';
import { watchSetup } from './vscode/setup/setup-status.ts';
import { createWalkthrough } from './vscode/setup/walkthrough.ts';
import { createStatusBar } from './vscode/status-bar/status-bar.ts';
import { ownTasks } from './vscode/task/own-tasks.ts';
import { storedDrafts } from './vscode/task/stored-drafts.ts';
import { tellEnds } from './vscode/task/tell-ends.ts';
import { createChangedFileDecorations } from './vscode/tree/file-decorations.ts';
import type { Row } from './vscode/tree/rows.ts';
import { createTree } from './vscode/tree/tree.ts';
import { createWindowContext, type WindowContext } from './vscode/window-context.ts';

declare const __VERSION__: string;

let window: WindowContext | null = null;

/** What tests in the extension host get: VS Code shows nobody what a view holds. */
export interface Inside {
  readonly rows: () => Promise<readonly Row[]>;
}

/** The window door: builds the parts and hands them over. Reading the disk, git and MCP come later, when they are needed. */
export function activate(context: vscode.ExtensionContext): Inside | undefined | Promise<never> {
  const startedAt = performance.now();
  const log = vscode.window.createOutputChannel('Kimi Delegate', { log: true });
  const state = stateDirectory(process.env);
  if (!state.ok) return refuseToStart(state.reason);
  const stateDir = state.folder;
  const opened = createWindowContext({
    log,
    stateDir,
    drafts: storedDrafts(context.workspaceState),
    ownTasks: ownTasks(context.workspaceState),
    makeServer: () => makeServer(context, log),
  });
  window = opened;
  const walkthrough = createWalkthrough();
  const setUp = watchSetup(context, opened, walkthrough);
  const tree = createTree(opened, context.workspaceState);
  const files = createCommitFiles(opened);
  const { isSetUp, working } = setUp;
  const statusBar = createStatusBar({ window: opened, view: tree.view, memory: context.workspaceState, isSetUp, working });
  const refresh = () => setUp.refresh();
  const setup = registerSetup(context, {
    stateDir,
    log,
    extensionPath: context.extensionPath,
    version: __VERSION__,
    refresh: () => void refresh(),
    works: setUp.works,
    whyNoAgentMode: () => whyNoAgentMode(setUp),
  });
  const comments = createLineComments(opened, files, context.workspaceState);
  const pages = createPages(opened, files, comments, keptPages(context.workspaceState));
  const steps = createStepsDocuments(opened);
  const front = watchFront(opened, comments, pages.inFront);
  const actions = registerActions(opened, { files, setUp, pages, front, tree, comments, steps, memory: context.globalState });
  const agentMode = offerToAgentMode({ log, stateDir, extensionPath: context.extensionPath, version: __VERSION__, setUp });
  context.subscriptions.push(
    log,
    opened,
    walkthrough,
    setUp,
    tree,
    files,
    statusBar,
    createChangedFileDecorations(),
    setup,
    comments,
    pages,
    steps,
    front,
    actions,
    tellEnds(opened),
    watchMenus(opened, walkthrough),
    agentMode,
  );
  context.subscriptions.push(setUp.onDidChange(statusBar.update));
  void import('./vscode/task/try-demo.ts').then(({ offerDemo }) => offerDemo(opened, context.globalState));
  log.info(`Kimi Delegate ${__VERSION__}, activated in ${(performance.now() - startedAt).toFixed(1)} ms`);
  return context.extensionMode === vscode.ExtensionMode.Test ? { rows: tree.rows } : undefined;
}

async function refuseToStart(reason: Message): Promise<never> {
  const { say } = await import('./messages/message.ts');
  throw new Error(say(reason, vscode.env.language.startsWith('zh') ? 'zh-cn' : 'en')); // VS Code shows it
}

/** The window's own server runs with VS Code's own runtime: nothing else has to be installed. */
async function makeServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): Promise<ChildServer> {
  const { createChildServer } = await import('./vscode/server/child-server.ts');
  return createChildServer({
    program: process.execPath,
    serverFile: path.join(context.extensionPath, 'dist', 'server.cjs'),
    env: process.env,
    proxy: windowProxy,
    version: __VERSION__,
    roots: () => (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath),
    log: (line) => log.info(`[server] ${line}`),
    t: vscode.l10n.t,
  });
}

/** VS Code waits for this: the server gets the time to write its checkpoints. */
export async function deactivate(): Promise<void> {
  await window?.closeServer();
}
