import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { patternLines } from '../../src/agent/never-send/pattern-lines.ts';
import { consentFor } from '../../src/broker/consent.ts';
import { repositoryPaths } from '../../src/broker/repository-paths.ts';
import { rulesBlock, withRules } from '../../src/claude/claude-md-rules.ts';
import { behindFolders } from '../../src/common/behind-folders.ts';
import { resolveSettings, variableLayer } from '../../src/config.ts';
import { hasForeignAccount } from '../../src/setup/setting-layers.ts';
import { seenFrom, WHOLE } from '../../src/vscode/brought-values.ts';

/** A value in an `.mcp.json`, a list, a CLAUDE.md or a configuration that a repository brings: of a megabyte, what grows as its square takes an hour. */
describe('long values that a repository brings', () => {
  const LENGTH = 60_000;
  const many = (unit: string) => `${unit.repeat(LENGTH)}x`;
  const resolved = (name: string, value: string) => resolveSettings([variableLayer('environment', '', { [name]: value })]).ok;
  const entry = (KIMI_BASE_URL: string) => hasForeignAccount({ command: 'x', args: [], env: { KIMI_BASE_URL } }, []);

  for (const [what, read] of Object.entries({
    'a number': () => assert.ok(!resolved('KIMI_MAX_STEPS', many('1'))),
    'a list in brackets': () => assert.ok(resolved('KIMI_PROTECTED_BRANCHES', many(')'))),
    'a list in quotes': () => assert.ok(resolved('KIMI_PROTECTED_BRANCHES', many('"'))),
    'an address': () => assert.ok(resolved('KIMI_BASE_URL', `https://a.example/${many('/')}`)),
    'an address that is held against others': () => assert.ok(entry(many('/'))),
    'a refusal': () => assert.equal(consentFor({ [many(' ')]: 'deny' }, '/w/a'), 'denied'),
    'a refusal of a folder deeper than any': () => assert.equal(consentFor({ [`/x${'/a'.repeat(LENGTH)}`]: 'deny' }, '/w/a'), 'denied'),
    'a line of a list': () => assert.equal(patternLines(`a${many(' ')}`).length, 1),
    'a pattern': () => assert.ok(seenFrom(WHOLE, many('/')).length > 0 && behindFolders('a', many('/'), false)),
    'a CLAUDE.md': () => assert.ok(withRules(many('\n'), 'en').endsWith(`\n\n${rulesBlock('en')}\n`)),
  }))
    it(`${what} takes no second`, () => {
      const start = performance.now();
      read();
      assert.ok(performance.now() - start < 1000, `${performance.now() - start} ms`);
    });

  it('the configuration of a git dir takes no second, and names a working tree as git has it', () => {
    const top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-long-')));
    try {
      const [gitDir, linked, main] = ['git/worktrees/a', 'linked', 'main'].map((name) => path.join(top, name)) as [string, string, string];
      for (const folder of [gitDir, linked, main]) mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(linked, '.git'), `gitdir: ${gitDir}\n`);
      writeFileSync(path.join(gitDir, 'gitdir'), `${linked}/.git\n`);
      writeFileSync(path.join(main, '.git'), `gitdir: ${top}/git\n`);
      writeFileSync(path.join(top, 'git/config'), `[core]\n${many('\r\n')}\n\tworktree = ${main}\n`);
      const start = performance.now();
      assert.deepEqual(repositoryPaths(linked), [linked, main]);
      writeFileSync(path.join(top, 'git/config'), `[core]\n${'worktree=..\n'.repeat(2 * LENGTH)}worktree = ${main}\n`);
      assert.deepEqual(repositoryPaths(linked), [linked, main]);
      writeFileSync(path.join(top, 'git/config'), `[core]\n${'worktree=..\n'.repeat(2 * LENGTH)}`);
      assert.deepEqual(repositoryPaths(linked), [linked]);
      assert.ok(performance.now() - start < 1000, `${performance.now() - start} ms`);
    } finally {
      rmSync(top, { recursive: true, force: true });
    }
  });
});

describe('the gap before the delegation rules', () => {
  it('is one blank line, whatever the file ends in', () => {
    for (const [text, before] of [
      ['a', 'a\n\n'],
      ['a\n', 'a\n\n'],
      ['a\n\n', 'a\n\n'],
      ['a\n  \n', 'a\n  \n'],
      ['a\r\n', 'a\r\n\r\n'],
      ['a\r\n\r\n', 'a\r\n\r\n'],
      ['a  \n', 'a  \n\n'],
    ])
      assert.ok(withRules(text!, 'en').startsWith(`${before}<!--`), JSON.stringify(text));
  });
});
