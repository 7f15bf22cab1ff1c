import assert from 'node:assert/strict';
import type { WindowLayer } from '../../src/broker/find-window.ts';
import type { SettingSources } from '../../src/broker/setting-sources.ts';
import { resolveSettings, type SettingLayer, variableLayer } from '../../src/config.ts';
import { whyNoMore } from '../../src/mcp/sending-rules.ts';
import { message, say } from '../../src/messages/message.ts';

type Values = SettingLayer['values'];
const KEY = 'sk-of-the-window-0123';
const PLACE = '/work/shop';

function window(values: Values, consent: WindowLayer['consent'] = 'granted'): WindowLayer {
  return {
    source: 'window',
    label: message('origin.window', { folder: PLACE }),
    values: { apiKey: KEY, ...values },
    trusted: true,
    consent,
    askConsent: async () => 'ask',
  };
}
const sources = (open: WindowLayer | null, file: Record<string, string> = {}): SettingSources => ({
  layers: [...(open ? [open] : []), variableLayer('file', '/home/ann/.env', file)],
  window: open,
});

async function whyStopped(began: SettingSources, now: SettingSources, call: Values = {}, branch = 'feature/x') {
  const resolution = resolveSettings([{ source: 'call', label: '', values: call }, ...began.layers]);
  assert.ok(resolution.ok);
  const at = { sources: began, place: PLACE, others: [] };
  const why = await whyNoMore(at, { settings: resolution.settings, branch }, { settingsFor: async () => now });
  return why && say(why, 'en');
}

describe('an attempt that runs, and what the user decides meanwhile', () => {
  it('stops before its next request where it may do less than when it began, and says by which setting', async () => {
    const cases: [string, Values, Values, RegExp][] = [
      ['another address', {}, { baseUrl: 'https://kimi.corp.example/v1' }, /\(claudeKimi\.baseUrl\)/],
      ['no key any more', {}, { apiKey: undefined }, /\(the key\)/],
      ['another key', {}, { apiKey: 'sk-another-0123456789' }, /\(the key\)/],
      ['the wall again', { sandbox: 'unsandboxed' }, { sandbox: 'required' }, /\(claudeKimi\.sandbox\)/],
      ['the usual wall', { sandbox: 'unsandboxed' }, {}, /\(claudeKimi\.sandbox\)/],
      ['a host less', { allowedHosts: ['a.example', 'b.example'] }, { allowedHosts: ['a.example'] }, /\(claudeKimi\.allowedHosts\)/],
      ['less money', {}, { budget: 0.1 }, /\(claudeKimi\.budget\)/],
      ['less for a day', {}, { budgetPerDay: 1 }, /\(claudeKimi\.budgetPerDay\)/],
      ['its branch', {}, { protectedBranches: ['feature/*'] }, /\(claudeKimi\.protectedBranches\)/],
      ['two at once', { sandbox: 'container' }, { budget: 0.1 }, /\(claudeKimi\.sandbox, claudeKimi\.budget\)/],
    ];
    for (const [name, was, is, said] of cases)
      assert.match((await whyStopped(sources(window(was)), sources(window(is)))) ?? '', said, name);
  });

  it('goes on where it may do as much or more, where its call has said it, and while a value is being written', async () => {
    const cases: [string, Values, Values, Values?][] = [
      ['nothing', {}, {}],
      ['more money', { budget: 1 }, { budget: 2 }],
      ['less money, but the call gave some', {}, { budget: 0.1 }, { budget: 3 }],
      ['more hosts', { allowedHosts: ['a.example'] }, { allowedHosts: ['b.example', 'a.example'] }],
      ['no wall from now on', {}, { sandbox: 'unsandboxed' }],
      ['other branches', {}, { protectedBranches: ['release/*'] }],
      ['another model', {}, { model: 'kimi-other' }],
      ['half an address', {}, { baseUrl: 'https://' }],
    ];
    for (const [name, was, is, call] of cases) assert.equal(await whyStopped(sources(window(was)), sources(window(is)), call), null, name);
  });

  it('stops at a refusal whatever else is wrong, and where it cannot be read whether there is one', async () => {
    const began = sources(window({}));
    assert.match((await whyStopped(began, sources(window({ budget: -1 }, 'denied')))) ?? '', /is not sent/);
    assert.match((await whyStopped(began, sources(window({ budget: -1, neverSend: ['secret'] })))) ?? '', /keeps back more .*\(secret\)/);
    for (const now of [
      sources(window({ neverSend: ['{a,b}/**'] })),
      sources(window({}), { KIMI_REPOSITORIES: 'denied' }),
      sources(window({}), { KIMI_NEVER_SEND: 'x'.repeat(300) }),
    ])
      assert.match((await whyStopped(began, now)) ?? '', /cannot be read, and may be a refusal/);
  });

  it('goes on when its window is closed, or one is opened: neither takes anything back', async () => {
    const file = { KIMI_API_KEY: 'sk-of-the-file-012345' };
    const open = sources(window({ sandbox: 'unsandboxed', neverSend: ['secret', '!.env.test'], baseUrl: 'https://kimi.corp.example/v1' }));
    assert.equal(await whyStopped(open, sources(null)), null);
    assert.equal(await whyStopped(open, sources(null, file)), null);
    assert.equal(await whyStopped(sources(null, file), sources(window({ budget: 0.1 }), file)), null);
    assert.match((await whyStopped(sources(null, file), sources(window({}, 'denied'), file))) ?? '', /is not sent/);
    assert.match((await whyStopped(sources(null, file), sources(window({ neverSend: ['secret'] }), file))) ?? '', /keeps back more/);
  });
});
