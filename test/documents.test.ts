import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
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
});
