import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainGit, filterFailure } from '../../src/workspace/explain-git.ts';
import { GitError } from '../../src/workspace/run-git.ts';

/** In git's words. */
const SAID: readonly (readonly [string, string])[] = [
  [
    "fatal: Unable to create '/r/.git/index.lock': File exists.\n\nAnother git process seems to be running in this repository",
    'git.locked',
  ],
  ["fatal: update_ref failed for ref 'HEAD': cannot lock ref 'HEAD': Unable to create '/r/.git/HEAD.lock': File exists.", 'git.locked'],
  ['error: unable to write file src/a: No space left on device\nfatal: unable to write new index file', 'git.full'],
  ["fatal: sha1 file '/r/.git/index.lock' write error. Out of diskspace", 'git.full'],
  ['error: unable to write loose object file: Disk quota exceeded', 'git.full'],
  ["fatal: Unable to create '/r/.git/index.lock': Read-only file system", 'git.readOnly'],
  ["fatal: Unable to create '/r/.git/index.lock': Permission denied", 'git.notAllowed'],
  ['error: insufficient permission for adding an object to repository database .git/objects', 'git.notAllowed'],
  ["fatal: cannot create async thread: error: cannot open '.git/packed-refs': Too many open files", 'git.tooManyOpen'],
  ['error: unable to read sha1 file of a.txt: Input/output error', 'git.deviceFails'],
  ["fatal: detected dubious ownership in repository at '/r'\nTo add an exception ... safe.directory /r", 'git.foreignOwner'],
  ["fatal: not a git repository: '/r/.git'", 'git.vanished'],
  ["fatal: cannot change to '/r': No such file or directory", 'git.vanished'],
  ['fatal: Unable to read current working directory: No such file or directory', 'git.vanished'],
  ['fatal: unknown repository extensions found:\n\tfuturething', 'git.newerFormat'],
  ['fatal: Expected git repo version <= 1, found 7', 'git.newerFormat'],
  ['fatal: bad config line 3 in file /home/ada/.gitconfig', 'git.badConfig'],
  ["fatal: bad numeric config value 'x' for 'core.bigfilethreshold': invalid unit", 'git.badConfig'],
  ['fatal: bad object HEAD', 'git.damaged'],
  [
    'error: inflate: data stream error (incorrect header check)\nfatal: loose object 1234 (stored in .git/objects/12/34) is corrupt',
    'git.damaged',
  ],
  ['error: bad signature 0x00000000\nfatal: index file corrupt', 'git.damaged'],
  ['fatal: unable to read tree 0123456789012345678901234567890123456789', 'git.damaged'],
  ["error: external filter 'git-lfs smudge' failed 1\nfatal: a.bin: smudge filter lfs failed", 'git.filterFailed'],
  ['fatal: something that nobody has seen', 'git.failed'],
];

describe('what git says', () => {
  for (const [stderr, code] of SAID) {
    it(`${code}: ${stderr.split('\n')[0]}`, () => {
      const reason = explainGit(new GitError(['status'], 128, stderr, null), '/r');
      assert.equal(reason?.code, code);
      assert.equal(reason?.args?.folder, '/r');
      assert.doesNotMatch(String(reason?.args?.said), /\n|^(fatal|error): /);
    });
  }

  it('nothing, as it was killed', () => assert.equal(explainGit(new GitError(['gc'], -1, '', null), '/r')?.code, 'git.killed'));

  it('is told of the disk below it too, and nothing of what is neither', () => {
    assert.equal(
      explainGit(
        thrown(() => readFileSync('/nowhere/at/all')),
        '/r',
      )?.code,
      'git.vanished',
    );
    assert.equal(explainGit(new TypeError('a fault of ours'), '/r'), null);
    assert.equal(explainGit(Object.assign(new Error('spawn git ENOENT'), { code: 'ENOENT', syscall: 'spawn git' }), '/r'), null);
  });

  it('a filter that failed, in its own words or in git’s', () => {
    const own =
      "object 1234 is missing on the server\nerror: external filter 'sh tools/lfs' failed 2\nfatal: a.bin: smudge filter lfs failed";
    assert.equal(filterFailure(new GitError(['read-tree'], 128, own, null)), 'object 1234 is missing on the server');
    assert.equal(
      filterFailure(new GitError(['read-tree'], 128, 'fatal: a.bin: smudge filter lfs failed', null)),
      'a.bin: smudge filter lfs failed',
    );
    assert.equal(filterFailure(new GitError(['read-tree'], 128, 'fatal: bad object HEAD', null)), null);
  });

  it('a write that failed without a reason is the disk’s where that is full', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ckm-room-'));
    writeFileSync(join(folder, 'x'), '');
    const said = new GitError(['update-ref'], 128, "fatal: couldn't write '.git/refs/heads/main.lock'", null);
    assert.equal(explainGit(said, folder)?.code, 'git.failed', 'there is room');
    rmSync(folder, { recursive: true });
  });
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return assert.fail('it did not throw');
}
