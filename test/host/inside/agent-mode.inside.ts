import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { launcherState } from '../../../src/launcher/install-launcher.ts';
import { MCP_TOOLS } from '../../../src/mcp/tool-schemas.ts';
import { stateDirectory } from '../../../src/state-directory.ts';
import { until } from '../../until.ts';

const ANN = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org'];

/** VS Code as the client: it starts the server of the definition, asks for its tools and calls one. */
describe("VS Code's own agent mode", function () {
  this.timeout(60_000);
  const extension = vscode.extensions.getExtension('claude-kimi.claude-kimi-mcp')!;
  const folder = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
  const { CLAUDE_CONFIG_DIR } = process.env;
  let claude: string;
  let stateDir: string;

  before(async () => {
    const state = stateDirectory(process.env);
    assert.ok(state.ok);
    stateDir = state.folder;
    claude = mkdtempSync(path.join(tmpdir(), 'kimi-claude-'));
    process.env.CLAUDE_CONFIG_DIR = claude;
    await extension.activate();
  });
  after(async () => {
    await set(undefined);
    rmSync(path.join(stateDir, '.env'), { force: true });
    rmSync(claude, { recursive: true, force: true });
    if (CLAUDE_CONFIG_DIR === undefined) delete process.env.CLAUDE_CONFIG_DIR;
    else process.env.CLAUDE_CONFIG_DIR = CLAUDE_CONFIG_DIR;
  });

  const set = async (value: 'auto' | 'on' | 'off' | undefined) =>
    vscode.workspace.getConfiguration('claudeKimi').update('agentMode', value, vscode.ConfigurationTarget.Global);
  const ours = () => vscode.lm.tools.filter(({ name }) => /^mcp_kimi/.test(name));
  const gets = (count: number) =>
    until(`${count} tools`, async () => {
      await vscode.commands.executeCommand('workbench.mcp.startServer', '*', { waitForLiveTools: true });
      return ours().length === count;
    });

  it('gets all tools where the user says so, from the launcher, which nobody had before', async () => {
    assert.equal(existsSync(path.join(stateDir, 'bin')), false, 'who does not use it gets nothing on disk');
    await set('on');
    await gets(MCP_TOOLS.length);
    assert.deepEqual(
      ours()
        .map(({ name }) => name.replace(/^mcp_kimi_delegate_/, ''))
        .sort(),
      MCP_TOOLS.map(({ name }) => name).sort(),
    );
    const launcher = launcherState(stateDir, process.platform);
    assert.ok(launcher.ok && launcher.newest.version === extension.packageJSON.version, JSON.stringify(launcher));
  });

  it('calls a tool, in the open folder and in no other', async () => {
    assert.match(await call('get_delegation', { repo_path: folder }), /is not in a git repository/);
    const elsewhere = path.join(claude, 'elsewhere');
    execFileSync('git', ['init', '-q', elsewhere]);
    execFileSync('git', [...ANN, 'commit', '-q', '--allow-empty', '-m', 'Begin'], { cwd: elsewhere });
    assert.match(await call('get_delegation', { repo_path: elsewhere }), /^outcome: invalid_request[\s\S]*outside/);
  });

  it('loses them when the user says so', async () => {
    await set('off');
    await gets(0);
  });

  it('gets them by itself where there is a key and Claude Code does not have them', async () => {
    await set('on');
    await gets(MCP_TOOLS.length);
    await set('auto');
    await gets(0); // no key

    await set('off');
    writeFileSync(path.join(stateDir, '.env'), 'KIMI_API_KEY=sk-test\n', { mode: 0o600 });
    await set('auto');
    await gets(MCP_TOOLS.length);

    const entry = { type: 'stdio', command: path.join(stateDir, 'bin', 'kimi-agent'), args: [] };
    writeFileSync(path.join(claude, '.claude.json'), JSON.stringify({ mcpServers: { 'kimi-agent': entry } }));
    await set('on');
    await gets(MCP_TOOLS.length);
    await set('auto');
    await gets(0);

    rmSync(path.join(claude, '.claude.json'));
    await set('off');
    await set('auto');
    await gets(MCP_TOOLS.length);
  });

  it("loses them in the moment in which Claude's extension is installed", async function () {
    const { CLAUDE_LIKE_VSIX } = process.env;
    if (CLAUDE_LIKE_VSIX === undefined) this.skip();
    await gets(MCP_TOOLS.length);
    await vscode.commands.executeCommand('workbench.extensions.installExtension', vscode.Uri.file(CLAUDE_LIKE_VSIX));
    await gets(0);
    await vscode.commands.executeCommand('workbench.extensions.uninstallExtension', 'anthropic.claude-code');
    await gets(MCP_TOOLS.length);
  });

  async function call(tool: string, input: object): Promise<string> {
    const answer = await vscode.lm.invokeTool(`mcp_kimi_delegate_${tool}`, { input, toolInvocationToken: undefined });
    return answer.content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : '')).join('');
  }
});
