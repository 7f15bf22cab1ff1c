import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveSettings } from '../../src/config.ts';
import { zhCn } from '../../src/messages/zh-cn.ts';
import { FOLDER_SETTINGS, USER_SETTINGS } from '../../src/setup/setting-scopes.ts';
import { PAGES, readPage } from '../pages.ts';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const readJson = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));

/** Every text that the sources look up, by a call `t('...')` or `vscode.l10n.t('...')`. */
function textsInSources(): string[] {
  const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const texts = new Set<string>();
  for (const file of files) {
    const source = readFileSync(path.join(ROOT, 'src', file), 'utf8');
    for (const [, single, double, back] of source.matchAll(
      /(?<![\w.])(?:vscode\.l10n\.|l10n\.)?t\(\s*(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`)/g,
    )) {
      const literal = single ?? double ?? back ?? '';
      texts.add(literal.replaceAll("\\'", "'").replaceAll('\\"', '"').replaceAll('\\n', '\n').replaceAll('\\`', '`'));
    }
  }
  return [...texts].sort();
}

const placeholders = (text: string) => [...text.matchAll(/\{\d+\}/g)].map(([found]) => found).sort();

describe('texts of the window', () => {
  const manifest = readJson('package.json');
  const english = readJson('package.nls.json') as Record<string, string>;
  const chinese = readJson('package.nls.zh-cn.json') as Record<string, string>;
  const bundle = readJson('l10n/bundle.l10n.zh-cn.json') as Record<string, string>;

  it('are all translated, and nothing is translated that no source says', () => {
    const texts = textsInSources();
    assert.ok(texts.length > 100, `${texts.length}`);
    const missing = texts.filter((text) => !(text in bundle));
    assert.deepEqual(missing, []);
    assert.deepEqual(
      Object.keys(bundle).filter((text) => !texts.includes(text)),
      [],
    );
  });

  it('keep their places for arguments, and are Chinese', () => {
    const same = ['Kimi Delegate', '{0} ({1})', '{0}: {1}', 'en'];
    for (const [text, translated] of Object.entries(bundle)) {
      assert.deepEqual(placeholders(translated), placeholders(text), text);
      if (!same.includes(text)) assert.match(translated, /[\u4e00-\u9fff]/, text);
    }
  });

  it('call one thing by one word, and the reader 你', () => {
    const everything = { ...bundle, ...chinese, ...zhCn, ...Object.fromEntries(PAGES.map((page) => [page, readPage(page).chinese])) };
    for (const [text, translated] of Object.entries(everything)) assert.doesNotMatch(translated, /沙盒|审查|您/, text);
  });

  it('of the manifest are all there in both languages, and used', () => {
    const used = new Set([...JSON.stringify(manifest).matchAll(/%([\w.]+)%/g)].map(([, name]) => name!));
    for (const name of ['extension.displayName', 'extension.description']) used.add(name); // put in when it is packed
    assert.deepEqual(Object.keys(english).sort(), [...used].sort());
    assert.deepEqual(Object.keys(chinese).sort(), Object.keys(english).sort());
    for (const [name, text] of Object.entries(chinese)) if (name !== 'view.container') assert.match(text, /[\u4e00-\u9fff]/, name);
  });

  it('name the extension alike in the manifest and in the marketplace', () => {
    assert.equal(manifest.displayName, english['extension.displayName']);
    assert.equal(manifest.description, english['extension.description']);
  });

  describe('settings', () => {
    type Property = { default: unknown; scope: string; ignoreSync?: boolean };
    const properties: Record<string, Property> = Object.assign(
      {},
      ...manifest.contributes.configuration.map((section: { properties: object }) => section.properties),
    );

    it('have the defaults of the program', () => {
      const resolution = resolveSettings([]);
      assert.ok(resolution.ok);
      const values = resolution.settings.values as Record<string, unknown>;
      const own = ['repositories', 'claudePath', 'agentMode', 'notifications', 'checks'];
      for (const [name, { default: value }] of Object.entries(properties)) {
        const short = name.replace(/^claudeKimi\./, '');
        if (own.includes(short)) continue;
        assert.ok(short in values, `${short} is no setting of the program`);
        assert.deepEqual(value === null || value === '' ? undefined : value, values[short], name);
      }
    });

    it('stand in groups, and have words for each of their choices', () => {
      assert.ok(manifest.contributes.configuration.length > 3);
      const choices = Object.entries(properties as Record<string, Property & { enum?: string[]; enumItemLabels?: string[] }>);
      assert.ok(choices.some(([, property]) => property.enum));
      for (const [name, property] of choices) assert.equal(property.enumItemLabels?.length, property.enum?.length, name);
    });

    it('are those that a window reads, and all of them', () => {
      const own = ['repositories', 'claudePath', 'agentMode', 'notifications']; // of the window itself
      const read = [...USER_SETTINGS, ...FOLDER_SETTINGS, ...own].map((name) => `claudeKimi.${name}`);
      assert.deepEqual(Object.keys(properties).sort(), read.sort());
    });

    it('cannot be set by an untrusted folder, but for those that only forbid, and those that move the key or the sandbox by no folder', () => {
      const forbid = ['claudeKimi.neverSend', 'claudeKimi.protectedBranches'];
      assert.deepEqual(
        manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.toSorted(),
        Object.keys(properties)
          .filter((name) => !forbid.includes(name))
          .sort(),
      );
      for (const name of [
        'baseUrl',
        'sandbox',
        'allowedHosts',
        'setupCommand',
        'setupFiles',
        'repositories',
        'prices',
        'budget',
        'budgetPerDay',
        'contextWindow',
        'diskMb',
        'retentionDays',
        'agentMode',
        'disclosure',
        'showTokenStats',
      ])
        assert.equal(properties[`claudeKimi.${name}`]?.scope, 'application', name);
      assert.equal(properties['claudeKimi.claudePath']?.scope, 'machine');
    });

    // a path is another repository there, the wall may stand there, and the key, which is not synced, is for another address
    it('take no consent, no sandbox, no address for the key and no money in its currency to other machines', () => {
      for (const name of ['repositories', 'sandbox', 'baseUrl', 'setupFiles', 'budget', 'budgetPerDay', 'prices'])
        assert.equal(properties[`claudeKimi.${name}`]?.ignoreSync, true, name);
    });
  });

  it('lets a walkthrough wait only for what the extension does', () => {
    const ids = manifest.contributes.commands.map(({ command }: { command: string }) => command);
    const events: string[] = manifest.contributes.walkthroughs.flatMap(({ steps }: { steps: { completionEvents: string[] }[] }) =>
      steps.flatMap(({ completionEvents }) => completionEvents),
    );
    assert.ok(events.length > 4);
    for (const event of events) {
      const [kind, what = ''] = event.split(':');
      if (kind === 'onCommand') assert.ok(ids.includes(what), event);
      else assert.match(event, /^onContext:claudeKimi\.done\.(key|consent|sandbox|connect|handOver|decide)$/);
    }
    const setting = ['src/vscode/setup/setup-status.ts', 'src/vscode/delegations/menu-contexts.ts'].map((file) =>
      readFileSync(path.join(ROOT, file), 'utf8'),
    );
    for (const [, step] of events.join('\n').matchAll(/^onContext:claudeKimi\.done\.(\w+)$/gm))
      assert.match(setting.join(), new RegExp(`walkthrough\\.tell\\(\\{[^;]*\\b${step}:`), step);
  });

  it('has only conditions that VS Code can read: one that it cannot read counts as none, on every row of every view', () => {
    const conditions: string[] = [];
    JSON.stringify(manifest.contributes, (key, value) => {
      if (['when', 'enablement'].includes(key) && typeof value === 'string') conditions.push(value);
      return value;
    });
    assert.ok(conditions.length > 100);
    const term = /^[!(\s]*[\w.-]+(\s*(==|!=|=~|<|>|\bin\b)\s*([\w.-]+|'[^']*'|\/(\\.|[^/\\])+\/))?[)\s]*$/;
    const unreadable = conditions.filter((condition) => !condition.split(/&&|\|\|/).every((one) => term.test(one)));
    assert.deepEqual(unreadable, []);
  });

  it('lets menus name only commands that exist', () => {
    const commands = new Set(manifest.contributes.commands.map(({ command }: { command: string }) => command));
    for (const entries of Object.values(manifest.contributes.menus) as { command: string }[][])
      for (const { command } of entries) assert.ok(commands.has(command), command);
    const links = Object.values(english).flatMap((text) => [...text.matchAll(/\(command:(claudeKimi\.\w+)\)/g)].map(([, name]) => name));
    for (const name of links) assert.ok(commands.has(name), name);
  });
});
