import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');

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
});
