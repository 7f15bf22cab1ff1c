import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveSettings } from '../../src/config.ts';
import { settingsOf } from '../../src/mcp/allowed-repository.ts';
import { whyRefused } from '../../src/mcp/why-withheld.ts';
import { openRepository } from '../../src/workspace/open-repository.ts';

describe('settings of a call, and what was decided about sending code, are those of the working tree that git finds', () => {
  let top: string;
  const at = (name: string) => path.join(top, name);
  const git = (folder: string, ...words: string[]) =>
    execFileSync('git', ['-C', at(folder), '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...words], { stdio: 'pipe' });

  before(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-settings-')));
    for (const name of ['shop', 'super', 'lib']) {
      mkdirSync(at(name));
      git(name, 'init', '-q', '-b', 'main');
      mkdirSync(at(`${name}/src`));
      writeFileSync(at(`${name}/src/a.txt`), 'a\n');
      git(name, 'add', '-A');
      git(name, 'commit', '-qm', 'one');
    }
    git('shop', 'worktree', 'add', '-q', at('linked'), '-b', 'linked');
    git('super', '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', at('lib'), 'sub');
    // A folder that came with a dependency, which git passes by.
    for (const name of ['shop/src', 'linked/src']) mkdirSync(at(`${name}/.git`));
    mkdirSync(at('other'));
    writeFileSync(at('other/.git'), `gitdir: ${at('super/.git/modules/sub')}\n`);
    git('.', 'clone', '-q', '--shared', at('shop'), at('borrower'));
    git('.', 'clone', '-q', at('shop'), at('clone'));
    mkdirSync(at('workdir/.git'), { recursive: true });
    for (const part of ['refs', 'objects', 'packed-refs', 'logs']) symlinkSync(at(`shop/.git/${part}`), at(`workdir/.git/${part}`));
    writeFileSync(at('workdir/.git/HEAD'), 'ref: refs/heads/main\n');
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  const CASES: readonly [string, string, string][] = [
    ['a repository', 'shop', 'shop'],
    ['a folder in it', 'super/src', 'super/src'],
    ['a submodule', 'super/sub', 'super/sub'],
    ['a folder with a .git that is none', 'shop/src', 'shop'],
    ['such a folder in a linked worktree', 'linked/src', 'linked'],
    ['a .git file that leads to the git dir of a submodule elsewhere', 'other', 'super/sub'],
    ['nothing', 'gone', 'gone'],
  ];
  for (const [name, repoPath, meant] of CASES) {
    it(name, async () => {
      const settingsFor = async (place: string) => ({ layers: [], window: null, label: place });
      const { sources, place, others } = await settingsOf(openRepository(at(repoPath)), at(repoPath), { settingsFor });
      assert.deepEqual(others, []);
      assert.deepEqual([place, sources], [at(meant), await settingsFor(at(meant))]);
    });
  }

  const settingsFor = async () => ({ layers: [], window: null });
  for (const [name, repoPath, expected] of [
    ['another one is read by links', 'workdir', ['shop']],
    ['objects are borrowed', 'borrower', ['shop']],
    ['all is its own', 'clone', []],
    ['it is a linked worktree', 'linked', []],
  ] as const) {
    it(`name what is sent along, where a refusal counts, too: ${name}`, async () => {
      const { others } = await settingsOf(openRepository(at(repoPath)), at(repoPath), { settingsFor });
      assert.deepEqual(
        others.map(({ place }) => place),
        expected.map(at),
      );
      const resolution = resolveSettings([
        { source: 'file', label: 'x', values: { repositories: JSON.stringify({ '*': 'allow', [at('shop')]: 'deny' }) } },
      ]);
      assert.ok(resolution.ok);
      const refused = others.map((other) => whyRefused(null, resolution.settings, other.place)?.denied);
      assert.deepEqual(
        refused,
        expected.map(() => true),
      );
    });
  }
});
