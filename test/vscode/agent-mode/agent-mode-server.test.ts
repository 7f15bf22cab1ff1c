import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type * as vscode from 'vscode';
import type { AgentModeParts } from '../../../src/vscode/agent-mode/mcp-provider.ts';
import { playVscode } from '../played-vscode.ts';

describe('the server that VS Code starts for its own agent mode', () => {
  const before = process.env['LD_LIBRARY_PATH'];
  afterEach(() => {
    if (before === undefined) delete process.env['LD_LIBRARY_PATH'];
    else process.env['LD_LIBRARY_PATH'] = before;
  });

  it('loads no library of the repository that it starts in', async () => {
    const top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-agent-')));
    const played = await playVscode();
    Object.assign(played, { folders: [top], settings: { agentMode: 'on' } });
    const { offerToAgentMode } = await import('../../../src/vscode/agent-mode/mcp-provider.ts');
    const extensionPath = path.join(import.meta.dirname, '../../..');
    const setUp = { keySource: async () => 'file', onDidChange: () => ({ dispose() {} }) };
    const parts = { log: { info() {} }, stateDir: path.join(top, 'state'), extensionPath, version: '0.2.0', setUp };
    const offered = offerToAgentMode(parts as unknown as AgentModeParts);
    const token = {} as vscode.CancellationToken;
    const [server] = (await played.provider!.provideMcpServerDefinitions(token)) ?? [];
    process.env['LD_LIBRARY_PATH'] = '/opt/cuda/lib64:./lib:';
    const started = await played.provider!.resolveMcpServerDefinition!(server!, token);
    assert.equal(started?.cwd?.fsPath, top);
    assert.equal(started?.env['LD_LIBRARY_PATH'], '/opt/cuda/lib64');
    offered.dispose();
    rmSync(top, { recursive: true, force: true });
  });
});
