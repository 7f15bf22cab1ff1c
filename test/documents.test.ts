import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ALWAYS } from '../src/agent/never-send/name-rules.ts';
import { costOf, priceOf } from '../src/agent/prices.ts';
import { ALLOW_RULES } from '../src/claude/permissions.ts';
import { COMMANDS } from '../src/cli/commands.ts';
import { resolveSettings, SETTING_NAMES, shownName } from '../src/config.ts';
import { OUTCOME_RULES, OUTCOMES } from '../src/delegation/result/outcomes.ts';
import { commandEnvironment } from '../src/sandbox/command-environment.ts';
import { PAGES, ROOT, readPage } from './pages.ts';

/** Relative targets of the links and pictures of a Markdown file. */
function localLinks(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(https?:|mailto:|command:)/.test(target));
}

describe('the documents', () => {
  const files = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).split('\n').filter(Boolean);

  it('are found', () => {
    assert.ok(files.includes('README.md') && files.includes('src/README.md'));
    assert.ok(localLinks(readFileSync(path.join(ROOT, 'src', 'README.md'), 'utf8')).length > 20);
  });

  it('link to files that are there', () => {
    const broken = files.flatMap((file) =>
      localLinks(readFileSync(path.join(ROOT, file), 'utf8'))
        .filter((target) => !existsSync(path.resolve(ROOT, path.dirname(file), decodeURIComponent(target))))
        .map((target) => `${file}: ${target}`),
    );
    assert.deepEqual(broken, []);
  });

  it('name files to open and tests to run that are there', () => {
    const named = [...readFileSync(path.join(ROOT, 'AGENTS.md'), 'utf8').matchAll(/(?<=[`\s])(?:src|test|scripts|l10n)\/[\w./*{}-]+/g)].map(
      ([name]) => name,
    );
    assert.ok(named.length > 25, String(named.length));
    assert.deepEqual(
      named.filter((name) => globSync(name, { cwd: ROOT }).length === 0),
      [],
    );
  });

  it('name the version that the manifests have', () => {
    const json = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));
    const { version } = json('package.json');
    const lock = json('package-lock.json');
    const [, newest] = /^## \[(\S+)\] - \d{4}-\d\d-\d\d$/m.exec(readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8')) ?? [];
    const named = [lock.version, lock.packages[''].version, json('plugin/.claude-plugin/plugin.json').version, newest];
    assert.deepEqual(named, [version, version, version, version]);
  });

  it('show every setting in both languages, with its default', () => {
    const resolved = resolveSettings([]);
    assert.ok(resolved.ok);
    for (const [language, rows] of Object.entries(tables('docs/settings.md'))) {
      assert.deepEqual(
        rows.map(([name]) => name),
        SETTING_NAMES.map((name) => shownName(name, 'environment')),
        language,
      );
      for (const [index, name] of SETTING_NAMES.entries()) {
        const value: unknown = resolved.settings.values[name];
        const isShown = typeof value === 'number' || typeof value === 'string';
        if (isShown) assert.equal(rows[index]![1], String(value), `${language}: ${name}`);
        if (name === 'protectedBranches') assert.deepEqual(rows[index]![1]!.split(/, |、/), value, language);
      }
    }
  });

  it('name every variable that commands are given', () => {
    const options = { shownTemp: '/tmp', shownHome: '/home/ann', untrusted: [], watches: true };
    const given = [null, 1].flatMap((proxyPort) => Object.keys(commandEnvironment({}, { ...options, proxyPort })));
    for (const language of ['english', 'chinese'] as const) {
      const half = readPage('docs/settings.md')[language];
      assert.deepEqual(
        [...new Set(given)].filter((name) => !half.includes(`\`${name}\``) && !half.includes(`\`${name}=`)),
        [],
        language,
      );
    }
  });

  it('name every file that is never sent, and every host that commands may reach', () => {
    const named = (text: string) => new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, name]) => name!));
    const resolved = resolveSettings([]);
    assert.ok(resolved.ok);
    const files = ALWAYS.map((pattern) => pattern.replace(/^!?(\*\*\/)?/, ''));
    for (const [language, half] of Object.entries(readPage('docs/settings.md')))
      if (language !== 'intro')
        assert.deepEqual(
          [...files, ...resolved.settings.values.allowedHosts].filter((name) => !named(half).has(name)),
          [],
          language,
        );
  });

  it('count the sample attempt right, at the prices that stand beside it', () => {
    const usage = { input: 412_000, cached: 412_000 * 0.93, output: 9_000 };
    const { english } = readPage('README.md');
    const rows = [...english.matchAll(/^\| (Kimi K2\.6|Claude \w+ [\d.]+) \| (.+) \| (.+) USD \|$/gm)].map(([, model = '', ...cells]) => ({
      model,
      cells,
    }));
    assert.equal(rows.length, 5);
    const costs = rows.map(({ model, cells: [listed = '', shown = ''] }) => {
      // Haiku has two prices.
      const computed = [...listed.matchAll(/([\d.]+) \/ ([\d.]+) \/ ([\d.]+)/g)].map(([, miss, hit, out]) => {
        const price = { hit: Number(hit), miss: Number(miss) * (model.startsWith('Claude') ? 1.25 : 1), out: Number(out) };
        if (model === 'Kimi K2.6') assert.deepEqual(price, priceOf('kimi-k2.6', 'https://api.moonshot.ai/v1'));
        return costOf(usage, price);
      });
      for (const [at, written] of shown.split(' to ').entries())
        assert.equal(written, computed[at]!.toFixed(written.split('.')[1]!.length), model);
      return { model, cost: computed[0]! };
    });
    const saved = (model: string) => Math.round((1 - costs[0]!.cost / costs.find((each) => each.model.includes(model))!.cost) * 100);
    assert.ok(english.includes(`saves ${saved('Opus')} % against Opus and ${saved('Sonnet')} % against Sonnet`));
  });

  it('show every outcome in both languages, and what it counts as', () => {
    const kinds = {
      english: { reviewable: 'work to review', failed: 'failed', neutral: 'neither', final: 'failed, no retry' },
      chinese: { reviewable: '可评审', failed: '失败', neutral: '都不算', final: '失败，不重试' },
    };
    for (const [language, rows] of Object.entries(tables('docs/outcomes.md'))) {
      const words = kinds[language as keyof typeof kinds];
      assert.deepEqual(
        rows.map(([name, kind]) => [name, kind]),
        OUTCOMES.map((name) => {
          const { kind, retry } = OUTCOME_RULES[name];
          return [name, words[kind === 'failed' && !retry ? 'final' : kind]];
        }),
      );
    }
  });

  it('show the permission rules that the set-up writes', () => {
    const shown = readFileSync(path.join(ROOT, 'README.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{ "permissions"'));
    assert.deepEqual(
      shown.map((line) => JSON.parse(line).permissions.allow.toSorted()),
      [ALLOW_RULES.toSorted(), ALLOW_RULES.toSorted()],
    );
  });

  it('name only commands of the terminal that exist', () => {
    const known = COMMANDS.map(({ name }) => name);
    for (const file of [...PAGES, 'CHANGELOG.md']) {
      const named = [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/claude-kimi-mcp (?!--)([a-z]+)/g)].map(([, name]) => name!);
      assert.deepEqual(
        named.filter((name) => !known.includes(name)),
        [],
        file,
      );
    }
  });
});

/** The rows that begin with a name in code, with their cells. */
function tables(file: string): Record<'english' | 'chinese', string[][]> {
  const rows = (text: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split(' | ').map((cell) => cell.replaceAll(/[|`]/g, '').trim()));
  const { english, chinese } = readPage(file);
  return { english: rows(english), chinese: rows(chinese) };
}
