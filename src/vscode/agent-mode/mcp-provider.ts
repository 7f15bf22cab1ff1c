import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Runtime } from '../../launcher/choose-runtime.ts';
import { windowProxy } from '../server/window-proxy.ts';
import type { SetupStatus } from '../setup/setup-status.ts';
import { type AgentModeSetting, whyNotOffered } from './why-not-offered.ts';

/** As in `contributes.mcpServerDefinitionProviders`. */
const PROVIDER = 'claudeKimi.agentMode';
const CLAUDE_EXTENSION = 'anthropic.claude-code';

export interface AgentModeParts {
  readonly log: vscode.LogOutputChannel;
  readonly stateDir: string;
  readonly extensionPath: string;
  readonly version: string;
  readonly setUp: SetupStatus;
}

/** Offers the server to VS Code's own agent mode: the one that is registered with Claude Code, by the same launcher. */
export function offerToAgentMode(parts: AgentModeParts): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const again = () => changed.fire();
  const own: Runtime = { program: process.execPath, electron: Boolean(process.versions.electron) };
  let told: string | null | undefined;
  let deciding: Promise<unknown> = Promise.resolve();

  async function definitions(): Promise<vscode.McpStdioServerDefinition[]> {
    const folders = openFolders();
    const { inEnglish } = await import('../../messages/translate.ts');
    const why = whyNotOffered(await windowNow(parts, folders), inEnglish);
    if (why !== told) parts.log.info(why ? `VS Code's agent mode does not get the tools: ${why}` : "VS Code's agent mode gets the tools");
    told = why;
    return why === null ? [await definition(parts, own, folders)] : [];
  }

  const provider: vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition> = {
    onDidChangeMcpServerDefinitions: changed.event,
    provideMcpServerDefinitions() {
      // One after the other: VS Code keeps the answer that comes last, which must not be an older one.
      const decided = deciding.then(definitions);
      deciding = decided.catch(() => {});
      return decided;
    },
    // VS Code remembers definitions of windows that were trusted.
    resolveMcpServerDefinition: async (server) => (vscode.workspace.isTrusted ? makeReady(server, parts, own) : undefined),
  };
  return vscode.Disposable.from(
    changed,
    vscode.lm.registerMcpServerDefinitionProvider(PROVIDER, provider),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('claudeKimi.agentMode') && again()),
    vscode.workspace.onDidChangeWorkspaceFolders(again),
    vscode.workspace.onDidGrantWorkspaceTrust(again),
    vscode.extensions.onDidChange(again),
    parts.setUp.onDidChange(again),
  );
}

/** Why VS Code's agent mode does not get the tools now, for the user; null when it does. */
export async function whyNoAgentMode(setUp: SetupStatus): Promise<string | null> {
  return whyNotOffered(await windowNow({ setUp }, openFolders()), vscode.l10n.t);
}

function openFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}

async function windowNow({ setUp }: Pick<AgentModeParts, 'setUp'>, folders: readonly string[]) {
  const [{ claudeHasTools }, { claudeFiles }, key] = await Promise.all([
    import('../../claude/known-tools.ts'),
    import('../../claude/claude-files.ts'),
    setUp.keySource(),
  ]);
  return {
    setting: vscode.workspace.getConfiguration('claudeKimi').get<AgentModeSetting>('agentMode', 'auto'),
    trusted: vscode.workspace.isTrusted,
    folders,
    hasKey: key !== null,
    claudeExtension: vscode.extensions.getExtension(CLAUDE_EXTENSION) !== undefined,
    claudeHasTools: claudeHasTools(claudeFiles(process.env, homedir()), folders),
  };
}

/**
 * Called by its name in Claude Code: of servers that are called alike VS Code starts one, wherever else it found ours. VS Code writes
 * definitions down, so they hold no secret; the server gets the key from the window, as every server does.
 */
async function definition({ stateDir, version }: AgentModeParts, own: Runtime, folders: readonly string[]) {
  const [{ SERVER_NAME }, { launchCommand }, { installedServers, isNewer }] = await Promise.all([
    import('../../claude/registration.ts'),
    import('../../launcher/install-launcher.ts'),
    import('../../launcher/installed-servers.ts'),
  ]);
  const { command, args, env } = launchCommand(stateDir, process.platform, own);
  const newest = installedServers(stateDir)[0]?.version ?? version;
  const server = new vscode.McpStdioServerDefinition(
    SERVER_NAME,
    command,
    [...args],
    { ...env },
    isNewer(newest, version) ? newest : version,
  );
  server.cwd = vscode.Uri.file(folders[0]!);
  return server;
}

/** Just before the start, since who does not use it gets nothing on disk. */
async function makeReady(server: vscode.McpStdioServerDefinition, { stateDir, version, extensionPath }: AgentModeParts, own: Runtime) {
  const [{ chooseRuntime }, { installLauncher, launchCommand }, { proxyVariables }, { libraryFolders }] = await Promise.all([
    import('../../launcher/choose-runtime.ts'),
    import('../../launcher/install-launcher.ts'),
    import('../server/proxy-variables.ts'),
    import('../server/library-folders.ts'),
  ]);
  const { env, platform } = process;
  const runtime = await chooseRuntime(env, own, platform);
  installLauncher({ stateDir, dist: path.join(extensionPath, 'dist'), version, runtime, platform, now: Date.now });
  const launch = launchCommand(stateDir, platform, runtime);
  server.command = launch.command;
  server.args = [...launch.args];
  // It starts in the repository.
  server.env = { ...launch.env, ...libraryFolders(env), ...proxyVariables(env, windowProxy()) };
  return server;
}
