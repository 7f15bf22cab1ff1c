import assert from 'node:assert/strict';
import { inEnglish } from '../../../src/messages/translate.ts';
import { type WindowNow, whyNotOffered } from '../../../src/vscode/agent-mode/why-not-offered.ts';

const usual: WindowNow = {
  setting: 'auto',
  trusted: true,
  folders: ['/work'],
  hasKey: true,
  claudeExtension: false,
  claudeHasTools: false,
};

describe("VS Code's own agent mode gets the tools", () => {
  const cases: readonly [what: string, now: Partial<WindowNow>, why: RegExp | null][] = [
    ['when there is a key and nobody else has them', {}, null],
    ['in several folders', { folders: ['/work', '/other'] }, null],
    ['not in Restricted Mode', { trusted: false }, /Restricted Mode/],
    ['not in Restricted Mode, whatever the setting is', { trusted: false, setting: 'on' }, /Restricted Mode/],
    ['not without a folder', { folders: [] }, /no folder/],
    ['not without a folder, whatever the setting is', { folders: [], setting: 'on' }, /no folder/],
    ['not without a key', { hasKey: false }, /no key/],
    ["not beside Claude's extension", { claudeExtension: true }, /extension/],
    ['not where Claude Code has them', { claudeHasTools: true }, /Claude Code/],
    ['whatever Claude has, when the user says so', { claudeExtension: true, claudeHasTools: true, setting: 'on' }, null],
    ['without a key, when the user says so: the first call then tells what to do', { hasKey: false, setting: 'on' }, null],
    ['not when the user says so', { setting: 'off' }, /setting/],
  ];
  for (const [what, now, why] of cases)
    it(what, () => {
      const reason = whyNotOffered({ ...usual, ...now }, inEnglish);
      if (why === null) assert.equal(reason, null);
      else assert.match(reason ?? '', why);
    });
});
