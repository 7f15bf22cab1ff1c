import assert from 'node:assert/strict';
import { resolveSettings, type SettingLayer, variableLayer } from '../../src/config.ts';
import { english } from '../messages/english.ts';

const environment = (variables: Record<string, string>) => variableLayer('environment', 'the environment', variables);
const window = (values: SettingLayer['values']): SettingLayer => ({ source: 'window', label: 'the VS Code window', values });
const file = (variables: Record<string, string>) => variableLayer('file', '/home/ann/.claude-kimi-mcp/.env', variables);

function settings(...layers: SettingLayer[]) {
  const resolution = resolveSettings(layers);
  assert.ok(resolution.ok, resolution.ok ? '' : resolution.problems.map(english).join());
  return resolution.settings;
}

describe('variables that forbid', () => {
  it('are read as lists in JSON, in brackets and by other signs between their parts', () => {
    for (const text of [
      '["main","live"]',
      ' [ "main", "live" ]\r',
      '[main, live]',
      'main;live',
      'main|live',
      '{main,live}',
      '("main" "live")',
      '"main","live"',
    ]) {
      const { protectedBranches } = settings(environment({ KIMI_PROTECTED_BRANCHES: text })).values;
      for (const name of ['main', 'live']) assert.ok(protectedBranches.includes(name), `${text}: ${protectedBranches}`);
      const joined = settings(window({ protectedBranches: ['side'] }), file({ KIMI_PROTECTED_BRANCHES: text })).values.protectedBranches;
      for (const name of ['main', 'live', 'side']) assert.ok(joined.includes(name), `${text}: ${joined}`);
    }
    for (const text of ['["a/**","b/**"]', '[a/**, b/**]', "['a/**', 'b/**']", 'a/**,b/**']) {
      const { neverSend } = settings(environment({ KIMI_NEVER_SEND: text })).values;
      for (const pattern of ['a/**', 'b/**']) assert.ok(neverSend.includes(pattern), `${text}: ${neverSend}`);
    }
    assert.deepEqual(settings(environment({ KIMI_NEVER_SEND: '[ab]/x,y[cd]' })).values.neverSend, ['[ab]/x', 'y[cd]']);
    assert.deepEqual(settings(environment({ KIMI_PROTECTED_BRANCHES: 'main, release/*' })).values.protectedBranches, ['main', 'release/*']);
  });

  it('are told where their name is nearly right, as nobody would notice that they count for nothing', () => {
    const told = (...layers: SettingLayer[]) => {
      const resolution = resolveSettings(layers);
      return resolution.ok ? '' : resolution.problems.map(english).join();
    };
    for (const name of [
      'KIMI_NEVERSEND',
      'KIMI_NEVER_SENDS',
      'kimi_never_send',
      'KIMI_NEVER-SEND',
      'CLAUDE_KIMI_NEVER_SEND',
      'claudeKimi.neverSend',
    ])
      for (const layer of [environment, file])
        assert.match(told(layer({ [name]: 'a/**' })), new RegExp(`${name} in .* the name is KIMI_NEVER_SEND`));
    assert.match(told(environment({ KIMI_PROTECTED_BRANCH: 'live' })), /the name is KIMI_PROTECTED_BRANCHES/);
    assert.match(told(environment({ KIMI_REPOSITORY: 'deny' })), /the name is KIMI_REPOSITORIES/);
    assert.match(told(file({ NEVER_SEND: 'a/**' })), /the name is KIMI_NEVER_SEND/);
    const unlike: Record<string, string>[] = [
      { NEVER_SEND: 'a/**' },
      { REPOSITORY: 'x' },
      { KIMI_NEVERSEND: ' ' },
      { KIMI_MODEL_NAME: 'x' },
      { KIMI_NEVER_SEND: 'a', kimi_never_send: 'a' },
    ];
    for (const others of unlike) assert.equal(told(environment(others)), '', JSON.stringify(others));
  });
});
