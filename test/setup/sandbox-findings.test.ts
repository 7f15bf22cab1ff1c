/** What Check Setup and doctor say of the sandbox, from what the probe found. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { message } from '../../src/messages/message.ts';
import type { Translate } from '../../src/messages/translate.ts';
import { readHostFacts } from '../../src/sandbox/host-facts.ts';
import type { SandboxProbe } from '../../src/sandbox/probe-sandbox.ts';
import { describeProbe } from '../../src/setup/doctor/sandbox-findings.ts';
import { machine } from '../sandbox/played-machine.ts';

const FACTS = readHostFacts(machine({ '/etc/os-release': 'ID=debian\n' }));
const BUBBLEWRAP = {
  ok: true,
  kind: 'bubblewrap',
  program: '/usr/bin/bwrap',
  version: '0.11.0',
  features: { disableUserns: true, tmpfsSize: true, unshare: '/usr/bin/unshare', hiddenInProc: [], devices: [] },
  network: true,
} as const satisfies SandboxProbe;
const withoutUnshare: SandboxProbe = { ...BUBBLEWRAP, features: { ...BUBBLEWRAP.features, unshare: null } };
const chinese = JSON.parse(readFileSync(join(import.meta.dirname, '../../l10n/bundle.l10n.zh-cn.json'), 'utf8')) as Record<string, string>;
const fill = (text: string, args: readonly (string | number)[]) => text.replace(/\{(\d)\}/g, (_, index) => String(args[Number(index)]));
const english: Translate = (text, ...args) => fill(text, args);
const inChinese: Translate = (text, ...args) => fill(chinese[text] ?? `untranslated: ${text}`, args);

describe('what is said of the sandbox', () => {
  const cases: [string, SandboxProbe, boolean, string, RegExp, RegExp][] = [
    ['a wall that is whole', BUBBLEWRAP, true, 'good', /^bubblewrap 0\.11\.0$/, /^$/],
    ['no unshare, where nothing is shared', withoutUnshare, false, 'good', /^bubblewrap 0\.11\.0$/, /^$/],
    ['no unshare, where mounts are shared', withoutUnshare, true, 'note', /mounts below a shown folder/, /util-linux/],
    ['no socat', { ...BUBBLEWRAP, network: false }, true, 'note', /no network/, /apt install socat/],
    ['macOS', { ok: true, kind: 'seatbelt', program: '/usr/bin/sandbox-exec' }, true, 'note', /sandbox-exec/, /not run it on macOS yet/],
    ['none', { ok: false, reason: message('sandbox.noWindows'), commands: [] }, true, 'bad', /does not work/, /Windows itself/],
  ];
  for (const [what, probe, shared, state, found, remedy] of cases) {
    it(what, () => {
      const finding = describeProbe(probe, FACTS, shared, english);
      assert.equal(finding.state, state);
      assert.match(finding.found, found);
      assert.match(finding.remedy ?? '', remedy);
      const other = describeProbe(probe, FACTS, shared, inChinese);
      for (const text of [other.found, other.remedy ?? '']) assert.doesNotMatch(text, /untranslated|\{\d\}/);
    });
  }
});
