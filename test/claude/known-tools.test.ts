import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claudeFiles } from '../../src/claude/claude-files.ts';
import { claudeHasTools } from '../../src/claude/known-tools.ts';

describe('whether Claude Code has the tools', () => {
  let home: string;
  let folder: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'ckm-known-'));
    folder = path.join(home, 'project');
    mkdirSync(path.join(home, '.claude'));
    mkdirSync(folder);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const ENTRY = { 'kimi-agent': { type: 'stdio', command: '/state/bin/kimi-agent', args: [] } };
  const state = (text: unknown) => writeFileSync(path.join(home, '.claude.json'), JSON.stringify(text));
  const project = (text: unknown) => writeFileSync(path.join(folder, '.mcp.json'), JSON.stringify(text));
  const settings = (text: string) => writeFileSync(path.join(home, '.claude', 'settings.json'), text);

  const cases: readonly [what: string, prepare: () => void, has: boolean][] = [
    ['no, where it has no files', () => {}, false],
    ['by an entry of the user', () => state({ mcpServers: ENTRY }), true],
    ['not by an entry of another name', () => state({ mcpServers: { other: ENTRY['kimi-agent'] } }), false],
    ['by a local entry of the open folder', () => state({ projects: { [folder]: { mcpServers: ENTRY } } }), true],
    ['not by a local entry of another folder', () => state({ projects: { [`${folder}-2`]: { mcpServers: ENTRY } } }), false],
    ['by the .mcp.json of the open folder', () => project({ mcpServers: ENTRY }), true],
    ['by the plugin', () => settings('{ "enabledPlugins": { "kimi@claude-kimi-mcp": true } }'), true],
    ['not by the plugin when it is off', () => settings('{ "enabledPlugins": { "kimi@claude-kimi-mcp": false } }'), false],
    ['not by another plugin', () => settings('{ "enabledPlugins": { "not-kimi@claude-kimi-mcp": true } }'), false],
    ['no, where its state cannot be read', () => writeFileSync(path.join(home, '.claude.json'), '{'), false],
    ['no, where its settings cannot be read', () => settings('['), false],
  ];
  for (const [what, prepare, has] of cases)
    it(what, () => {
      prepare();
      assert.equal(claudeHasTools(claudeFiles({}, home), [folder]), has);
    });
});
