import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { inEnglish as t } from '../../../src/messages/translate.ts';
import type { SetupReport } from '../../../src/setup/doctor/setup-report.ts';
import { SETUP_PAGE_COMMANDS, setupPage } from '../../../src/vscode/setup/setup-page.ts';

const REPORT: SetupReport = {
  withheld: false,
  findings: [
    { subject: 'git', state: 'good', found: '2.39.5' },
    { subject: 'consent', state: 'note', found: 'VS Code asks', remedy: 'Answer when it asks' },
    { subject: 'key', state: 'bad', found: `none in ${homedir()}/<b>x</b>`, remedy: 'Run the command Set API Key…' },
  ],
  settings: [{ name: 'claudeKimi.model', value: 'kimi-k2.6', from: 'default' }],
};

describe('the page of Check Setup', () => {
  const page = (report = REPORT) => setupPage(report, { t, version: '1.2.3' }).html;

  it('shows what is to be mended first, with what mends it, and what was found as text', () => {
    const rows = page().split('<tr>').slice(2, 5);
    assert.match(rows[0]!, /to fix[\s\S]*API key[\s\S]*~\/&lt;b&gt;x&lt;\/b&gt;[\s\S]*command:claudeKimi\.setApiKey/);
    assert.doesNotMatch(rows[0]!, /Run the command/, 'what the link beside it says');
    assert.match(rows[1]!, /note[\s\S]*Consent[\s\S]*Answer when it asks[\s\S]*command:claudeKimi\.choosePrivacy/);
    assert.doesNotMatch(rows[2]!, /command:/);
    assert.match(page(), /1 problem to fix before[\s\S]*class="first"><a href="command:claudeKimi\.setUp/);
  });

  it('begins with the look when nothing is to be mended, and names each command that it may run', () => {
    const ready = page({ ...REPORT, findings: REPORT.findings.filter(({ state }) => state !== 'bad') });
    assert.match(ready, /Everything is ready[\s\S]*class="first"><a href="command:claudeKimi\.checkSetup/);
    assert.doesNotMatch(ready, /claudeKimi\.setUp/);
    for (const [, command] of page().matchAll(/command:([\w.]+)/g)) assert.ok(SETUP_PAGE_COMMANDS.includes(command!), command);
  });
});
