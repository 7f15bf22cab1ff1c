import assert from 'node:assert/strict';
import { isProjectText } from '../../src/checks/project-texts.ts';

describe('texts about a project', () => {
  it('have names that everybody gives them, of several too', () => {
    for (const path of [
      'README',
      'docs/readme.md',
      'CHANGES.rst',
      'HISTORY',
      'LICENSE-MIT',
      'LICENCE',
      'COPYING.LESSER',
      'README.zh-CN.md',
      'pkg/TODO.org',
    ])
      assert.ok(isProjectText(path), path);
  });

  it('are no code by the same name, which may be loaded in the place of another', () => {
    for (const path of [
      'history.js',
      'news.py',
      'todo.sh',
      'notice.h',
      'lib/changes.pm',
      'README.mjs',
      'LICENSE-check.js',
      'security.ts',
      'todo.config.js',
    ])
      assert.ok(!isProjectText(path), path);
  });
});
