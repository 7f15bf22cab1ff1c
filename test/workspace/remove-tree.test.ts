import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { emptyFolder, openInTime, removeInTime, removeLater, removeLeftAside, removeTree } from '../../src/workspace/remove-tree.ts';
import { asOrdinaryUser, giveAway } from '../fakes/ordinary-user.ts';
import { until } from '../until.ts';

describe('removing what commands left behind', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'ckm-remove-'));
    chmodSync(root, 0o755);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('goes deeper than a path can be long, at once and in time', async () => {
    const deep = () => {
      const folder = path.join(root, 'deep', 'left');
      mkdirSync(folder, { recursive: true });
      const script = 'cd "$0" && n=$(printf "%0240d" 0) && for i in $(seq 30); do mkdir $n && cd $n; done; touch file; chmod 500 "$0"/$n';
      assert.equal(spawnSync('bash', ['-c', script, folder]).status, 0);
      return folder;
    };
    removeTree(deep());
    removeLater(deep());
    await until('nothing to be left', () => readdirSync(path.join(root, 'deep')).length === 0);
  });

  /** A module cache as Go makes it, and what a hostile command may add. */
  function makeLeftovers(): string {
    const left = path.join(root, 'left');
    const outside = path.join(root, 'outside');
    mkdirSync(path.join(left, 'go', 'mod', 'example.org@v1'), { recursive: true });
    writeFileSync(path.join(left, 'go', 'mod', 'example.org@v1', 'a.go'), 'package a\n');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'mine.txt'), 'mine\n');
    symlinkSync(outside, path.join(left, 'go', 'link'));
    const odd = Buffer.concat([Buffer.from(`${left}/`), Buffer.from([0xff, 0xfe])]);
    mkdirSync(odd);
    writeFileSync(Buffer.concat([odd, Buffer.from('/f')]), '');
    giveAway(root);
    for (const name of ['go/mod/example.org@v1', 'go/mod', 'go']) chmodSync(path.join(left, name), 0o555);
    chmodSync(odd, 0o000);
    chmodSync(left, 0o500);
    chmodSync(outside, 0o555);
    return left;
  }

  const run = (user: readonly string[], code: string) => {
    const words = [...user, process.execPath, '--input-type=module', '-e', code];
    return spawnSync(words[0]!, words.slice(1), { encoding: 'utf8', cwd: root });
  };
  const MODULE = path.join(import.meta.dirname, '..', '..', 'src', 'workspace', 'remove-tree.ts');

  it('read-only folders go too, for an ordinary user; links are not followed', function () {
    const user = asOrdinaryUser();
    if (!user || run(user, `await import(${JSON.stringify(MODULE)})`).status !== 0) return this.skip();
    const left = makeLeftovers();
    const plain = run(user, `import { rmSync } from 'node:fs'; rmSync(${JSON.stringify(left)}, { recursive: true, force: true })`);
    assert.match(plain.stderr, /EACCES|EPERM/, 'the trap is armed');
    const { status, stderr } = run(
      user,
      `const { removeTree } = await import(${JSON.stringify(MODULE)}); removeTree(${JSON.stringify(left)});`,
    );
    assert.equal(status, 0, stderr);
    assert.ok(!existsSync(left));
    assert.equal(readFileSync(path.join(root, 'outside', 'mine.txt'), 'utf8'), 'mine\n');
    assert.equal(statSync(path.join(root, 'outside')).mode & 0o777, 0o555, 'what a link points at keeps its rights');
  });

  it('large ones are out of the way at once and go in time; so does what a process left that ended meanwhile', async () => {
    const folder = path.join(root, 'large');
    const sealed = path.join(folder, 'sealed');
    mkdirSync(sealed, { recursive: true });
    writeFileSync(path.join(sealed, 'x'), '');
    chmodSync(sealed, 0o500);
    mkdirSync(path.join(root, 'check.old-0123-ab/x'), { recursive: true });
    mkdirSync(path.join(root, 'kept.old'));
    removeLater(folder);
    assert.equal(existsSync(folder), false);
    removeLeftAside(root);
    await until('all gone', () => readdirSync(root).join() === 'kept.old');
    removeLater(path.join(root, 'nothing'));
  });

  it('none of thousands of names is removed by this process, which has others to answer', async () => {
    const folder = path.join(root, 'many');
    const make = () => {
      mkdirSync(path.join(folder, 'in'), { recursive: true });
      writeFileSync(path.join(folder, 'f'), '');
      for (let at = 0; at < 2000; at++) linkSync(path.join(folder, 'f'), path.join(folder, 'in', String(at)));
    };
    let most = 0;
    const goes = async () => {
      while (readdirSync(root).some((name) => name.startsWith('many.') || existsSync(path.join(root, name, 'in')))) {
        most = Math.max(most, process.getActiveResourcesInfo().filter((name) => name.startsWith('FSReq')).length);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    for (const remove of [removeInTime, removeLater, emptyFolder]) {
      make();
      const removal = remove(folder);
      await goes();
      await removal; // of the last names
      assert.ok(most < 100, `${remove.name}: ${most} at once`);
    }
  });

  it('closed folders are opened by a program; what links lead to keeps its rights', async () => {
    const outside = path.join(root, 'outside.txt');
    writeFileSync(outside, '', { mode: 0o400 });
    mkdirSync(path.join(root, 'tree/below'), { recursive: true });
    writeFileSync(path.join(root, 'tree/below/x'), '');
    symlinkSync(outside, path.join(root, 'tree/link'));
    for (const closed of ['tree/below', 'tree']) chmodSync(path.join(root, closed), 0o000);
    await openInTime(path.join(root, 'tree'));
    const modes = ['tree', 'tree/below', 'tree/below/x', 'outside.txt'].map((file) => statSync(path.join(root, file)).mode & 0o700);
    assert.deepEqual(modes, [0o700, 0o700, 0o600, 0o400]);
  });

  it('a link is removed, not what it points at; what is not there is no error', () => {
    mkdirSync(path.join(root, 'target'));
    symlinkSync(path.join(root, 'target'), path.join(root, 'link'));
    removeTree(path.join(root, 'link'));
    removeTree(path.join(root, 'nothing'));
    assert.deepEqual([existsSync(path.join(root, 'link')), existsSync(path.join(root, 'target'))], [false, true]);
  });

  describe('without a program, where it is little', () => {
    const programs = (act: () => Promise<void>) => {
      const started: ChildProcess[] = [];
      const hook = (message: unknown) => started.push((message as { process: ChildProcess }).process);
      subscribe('child_process', hook);
      return act()
        .finally(() => unsubscribe('child_process', hook))
        .then(() => started.map((child) => child.spawnfile));
    };
    const fill = (folder: string, files: number, bytes = 1) => {
      mkdirSync(path.join(folder, 'a/b'), { recursive: true });
      for (let at = 0; at < files; at++) writeFileSync(path.join(folder, 'a/b', String(at)), Buffer.alloc(bytes));
    };

    it('a few files', async () => {
      fill(path.join(root, 'few'), 20);
      assert.deepEqual(await programs(() => removeInTime(path.join(root, 'few'))), []);
      assert.ok(!existsSync(path.join(root, 'few')));
    });

    const LARGE: Record<string, (folder: string) => void> = {
      'many files': (folder) => fill(folder, 100),
      'large ones': (folder) => fill(folder, 3, 4 * 2 ** 20),
      'many below a name that is no text, beside one that reads the same': (folder) => {
        const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff])]);
        mkdirSync(odd, { recursive: true });
        mkdirSync(path.join(folder, '\ufffd'));
        for (let at = 0; at < 100; at++) writeFileSync(Buffer.concat([odd, Buffer.from(`/${at}`)]), '');
      },
    };
    for (const [name, make] of Object.entries(LARGE))
      it(`but not ${name}`, async () => {
        make(path.join(root, 'large'));
        assert.deepEqual(await programs(() => removeInTime(path.join(root, 'large'))), ['/bin/rm']);
        assert.ok(!existsSync(path.join(root, 'large')));
      });
  });
});
