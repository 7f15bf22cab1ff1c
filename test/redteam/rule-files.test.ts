/** Files that git reads for their rules, laid by a command so that whoever reads them waits, or runs out of memory. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstatSync, rmSync } from 'node:fs';
import path from 'node:path';
import { run, type World, write, writeIn } from '../e2e/world.ts';
import { field } from '../fakes/mcp-client.ts';
import { BRANCH, delegate, hostilePlay, toolResults } from './hostile.ts';

const NAMES = ['.gitignore', '.gitattributes', '.gitmodules', '.mailmap', '.kimiignore', '.lfsconfig', '.GitIgnore'];
const SLOW = `${'**/'.repeat(8)}zz`;
const look = { calls: [{ name: 'list_files', args: {} }] };
const search = { calls: [{ name: 'search', args: { pattern: 'done' } }] };

describe('red team: files of rules', function () {
  this.timeout(60_000);
  let world: World;
  afterEach(() => world.close());
  const play = hostilePlay((made) => {
    world = made;
    writeIn(made.home, '.ssh/key', 'the-secret-of-the-user\n');
  });

  const ways: readonly (readonly [what: string, lay: (name: string) => string, removed: boolean])[] = [
    ['a pipe', (name) => `rm -f ${name}; mkfifo ${name}`, true],
    ['a pipe in a folder that cannot be written', (name) => `mkdir -p deep/er; mkfifo deep/er/${name}; chmod 500 deep/er`, true],
    ['a sparse file of 4 GB', (name) => `rm -f ${name}; truncate -s 4G ${name}`, true],
    [
      'a socket',
      (name) => `rm -f ${name}; perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); bind(S, sockaddr_un("${name}")) or die'`,
      true,
    ],
    [
      'a pattern of eight ** over a path of 60 folders',
      (name) => `rm -f ${name}; mkdir -p ${'a/'.repeat(60)}; touch ${'a/'.repeat(60)}f; echo '${SLOW}' > ${name}`,
      true,
    ],
    ['a pattern of four **', (name) => `rm -f ${name}; echo '**/a/**/b/**/c/**/d' > ${name}`, false],
    ['a folder', (name) => `rm -f ${name}; mkdir ${name}; echo x > ${name}/x`, false],
    ['a link out', (name) => `rm -f ${name}; ln -s ${'$'}HOME/../.ssh/key ${name}; ln -s /dev/zero link-${name}`, false],
    ['a link in a circle', (name) => `rm -f ${name}; ln -s ${name} ${name}`, false],
  ];
  for (const [what, lay, removed] of ways) {
    it(`${what}: the work goes on and is handed over, and what was removed is told`, async () => {
      await play(() => [run(NAMES.map(lay).join('\n')), look, search, write('done.txt', 'done\n'), run(NAMES.map(lay).join('\n'))]);
      const report = await delegate(world);
      assert.match(
        field(report, 'outcome') ?? '',
        removed || !lay('x').includes('mkdir') ? /^(unverified|needs_review)/ : /^checks_failed/,
        report,
      );
      if (field(report, 'outcome') === 'checks_failed') return; // git itself lets no folder by that name in
      assert.equal(world.git('show', `${BRANCH}:done.txt`), 'done');
      assert.match(toolResults(world)[1] ?? '', /README\.md/);
      assert.equal(
        /which git reads for its rules, was a pipe, a device or huge, or had a pattern with more than four \*\*, and was removed/.test(
          report,
        ),
        removed,
        report,
      );
      assert.ok(!world.kimi.requests.some(({ body }) => body.includes('the-secret-of-the-user')));
    });
  }

  it('a slow pattern that a file tool writes goes as one that a command lays', async () => {
    const deep = `${'a/'.repeat(60)}f`;
    await play(() => [write(deep, 'x\n'), write('a/.gitignore', `${SLOW}\n`), look, write('done.txt', 'done\n')]);
    const report = await delegate(world);
    assert.match(field(report, 'outcome') ?? '', /^(unverified|needs_review)/, report);
    assert.match(report, /\.gitignore.*had a pattern with more than four/);
  });

  const nested: readonly (readonly [what: string, lay: string])[] = [
    ['a pipe as HEAD', 'rm n/.git/HEAD; mkfifo n/.git/HEAD'],
    ['a pipe as commondir', 'mkfifo n/.git/commondir'],
    ['a device as commondir', 'ln -s /dev/zero n/.git/commondir'],
    ['a terabyte as commondir', 'truncate -s 1T n/.git/commondir'],
    ['a pipe as packed-refs', 'mkfifo n/.git/packed-refs'],
    ['a pipe as the branch', 'mkdir -p n/.git/refs/heads; rm -f n/.git/refs/heads/*; mkfifo n/.git/refs/heads/main'],
    [
      'a pipe in the folder that commondir names',
      'mkdir -p o/refs/heads; echo ../../o > n/.git/commondir; mkfifo o/refs/heads/main o/config',
    ],
    ['a file that leads to such a folder', 'mv n/.git n/store; rm n/store/HEAD; mkfifo n/store/HEAD; echo "gitdir: store" > n/.git'],
    ['a link that leads to one', 'mv n/.git n/store; rm n/store/HEAD; mkfifo n/store/HEAD; ln -s store n/.git'],
    ['a folder by a name that is no UTF-8', `rm n/.git/HEAD; mkfifo n/.git/HEAD; mv n "$(printf 'n\\377')"`],
  ];
  for (const [what, lay] of nested) {
    it(`${what}, in a repository that a command makes within: nobody waits for it`, async () => {
      const make = `mkdir -p n/.git/objects n/.git/refs/heads; echo "ref: refs/heads/main" > n/.git/HEAD; printf '%040d\\n' 1 > n/.git/refs/heads/main; ${lay}`;
      await play(() => [run(`${make}; echo made`), look, search, write('done.txt', 'done\n')]);
      const report = await delegate(world);
      assert.match(toolResults(world)[0] ?? '', /made/);
      assert.match(field(report, 'outcome') ?? '', /^(unverified|needs_review)/, report);
      assert.equal(world.git('show', `${BRANCH}:done.txt`), 'done');
    });
  }

  it('links in such a repository have nothing removed that they lead to: refs, the whole of it, a folder that commondir names', async () => {
    const lay = (at: string) => [
      `mkdir -p a/.git/objects b c/.git/objects; echo 'ref: refs/heads/main' | tee a/.git/HEAD > c/.git/HEAD`,
      `ln -s ${at}/refs a/.git/refs; ln -s ${at} b/.git; echo ${at} > c/.git/commondir; echo made`,
    ];
    let pipes: string[] = [];
    await play((made) => {
      pipes = ['refs/heads/main', 'HEAD', 'refs/x'].map((name) => path.join(made.home, 'mine', name));
      for (const pipe of pipes) execFileSync('sh', ['-c', 'mkdir -p "$(dirname "$0")"; mkfifo "$0"', pipe]);
      return [run(lay(path.join(made.home, 'mine')).join('\n')), look, write('done.txt', 'done\n')];
    });
    const report = await delegate(world);
    assert.match(toolResults(world)[0] ?? '', /made/);
    assert.match(field(report, 'outcome') ?? '', /^(unverified|needs_review)/, report);
    assert.deepEqual(
      pipes.map((pipe) => lstatSync(pipe).isFIFO()),
      [true, true, true],
    );
  });

  it('a pipe, a device or a huge file in the repository of the user is named before anything reads it', async () => {
    await play(() => [write('done.txt', 'done\n')]);
    const lay: Readonly<Record<string, string>> = {
      pipe: 'mkfifo',
      device: 'ln -s /dev/zero',
      'huge file': 'truncate -s 5G',
      'slow pattern': `echo '${SLOW}' >`,
    };
    const files = [
      '.git/info/exclude',
      '.git/info/attributes',
      '.git/rebase-merge/head-name',
      '.git/BISECT_START',
      '.git/my-rules',
      '.git/my-order',
      '.git/my-names',
      '.gitattributes',
    ];
    world.git('config', 'core.excludesFile', path.join(world.repo, '.git/my-rules'));
    world.git('config', 'diff.orderFile', path.join(world.repo, '.git/my-order'));
    world.git('config', 'mailmap.file', path.join(world.repo, '.git/my-names'));
    for (const file of files)
      for (const [kind, command] of Object.entries(lay)) {
        const at = path.join(world.repo, file);
        if (file === '.gitattributes' && kind === 'device') continue; // git does not follow it
        execFileSync('sh', ['-c', `mkdir -p "$(dirname "$0")"; rm -f "$0"; ${command} "$0"`, at]);
        const report = await delegate(world);
        assert.equal(field(report, 'outcome'), 'invalid_request', `${file} ${kind}`);
        const isLinkOut = kind === 'device' && file.startsWith('.git/my-'); // it could be the name of a draft
        assert.ok(
          report.includes(`${at} is ${isLinkOut ? 'a link that leads out of the git folder' : 'a pipe, a device or huge,'}`),
          report,
        );
        rmSync(at);
      }
    assert.deepEqual(world.kimi.requests, []);
  });
});
