import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { updateRecord } from '../../src/claude/setup-record.ts';
import { repairConnection } from '../../src/setup/repair-connection.ts';
import { CLAUDE } from './played-claude.ts';
import { playContext, playUser } from './played-user.ts';

describe('at the start of a window, what is registered with Claude Code', () => {
  let home: string;
  const at = (name: string) => path.join(home, name);
  beforeEach(() => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-repair-')));
    writeFileSync(at('claude'), CLAUDE);
    chmodSync(at('claude'), 0o755);
    mkdirSync(at('dist'));
    for (const name of ['server.cjs', 'launch.cjs']) writeFileSync(at(`dist/${name}`), '');
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  type Entry = { command: string; args?: string[]; env?: Record<string, string> };

  async function repaired(entry: Entry): Promise<Entry> {
    writeFileSync(at('.claude.json'), JSON.stringify({ mcpServers: { 'kimi-agent': entry } }));
    const context = { ...playContext(playUser([]), { home }), dist: at('dist') };
    await context.settings.set('claudePath', at('claude'));
    updateRecord(context.stateDir, { connected: { at: '', place: null } });
    await repairConnection(context);
    assert.ok(existsSync(path.join(context.stateDir, 'bin/kimi-agent')));
    return JSON.parse(readFileSync(at('.claude.json'), 'utf8')).mcpServers['kimi-agent'];
  }

  it('stays as the user has written it since, where it can start', async () => {
    const env = { KIMI_REPOSITORIES: '{"*":"deny"}', KIMI_API_KEY: 'sk-of-the-user' };
    for (const entry of [
      { command: at('claude'), args: ['serve'], env },
      { command: 'claude-kimi-mcp', args: ['serve'], env },
      { command: process.execPath, args: [at('dist/server.cjs')], env },
      { command: at('.claude-kimi-mcp/bin/kimi-agent'), args: [], env },
      { command: '/usr/bin/env', args: ['flock', '/run/lock/not-there-yet', 'claude-kimi-mcp', 'serve'], env },
      { command: 'docker', args: ['run', '-v', '/mnt/drive/that-is-away:/work', 'kimi'], env },
      { command: '/mnt/drive/that-is-away/wrapper', args: ['serve'], env },
    ])
      assert.deepEqual(await repaired(entry), entry);
  });

  it('is put right where its program or script is gone, and keeps its variables', async () => {
    const env = { KIMI_BUDGET: '3' };
    for (const entry of [
      { command: '/gone/kimi-agent', env },
      { command: process.execPath, args: ['/gone/server.cjs'], env },
    ]) {
      const { command, args, env: kept } = await repaired(entry);
      assert.deepEqual([command, args, kept], [at('.claude-kimi-mcp/bin/kimi-agent'), [], env]);
    }
  });
});
