import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { neverSend } from '../../../src/agent/never-send/never-send.ts';
import { learnElsewhere, openNeverSend, relearning } from '../../../src/delegation/attempt/open-never-send.ts';
import type { Repository } from '../../../src/workspace/types.ts';
import { gitIn } from '../../e2e/world.ts';

describe('what is never sent of a repository', () => {
  it('is known in full of the root of the checkout, however much the branches hold', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'never-send-'));
    try {
      const git = (...words: string[]) => gitIn(root, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words);
      git('init', '-q', '-b', 'main');
      writeFileSync(path.join(root, '.gitignore'), '/.env\n');
      writeFileSync(path.join(root, '.env'), 'URL=postgres://ann:Geheim1@db/x\n');
      // as much as is learned in full, to the byte
      for (let n = 0; n < 4; n++) {
        mkdirSync(path.join(root, `${n}`));
        const lines = Array.from({ length: 40_000 }, (_, at) => `NAME_${n}_${at}=value number ${at} of the table`).join('\n');
        writeFileSync(path.join(root, `${n}/.env`), lines.slice(0, 2 ** 20));
      }
      git('add', '-A');
      git('commit', '-qm', 'Fill');
      const [base, tree] = [git('rev-parse', 'HEAD'), git('rev-parse', 'HEAD^{tree}')];
      const never = await openNeverSend({ root } as Repository, { gitDir: path.join(root, '.git') }, [], { base, trees: [{ tree }] });
      assert.doesNotMatch(never.mask('psql -U ann with Geheim1'), /Geheim1/);
    } finally {
      rmSync(root, { recursive: true });
    }
  }).timeout(30_000);

  it('is what the files of the set-up command hold, whatever they are called, and a copy of one', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'never-send-'));
    try {
      const git = (...words: string[]) => gitIn(root, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words);
      git('init', '-q', '-b', 'main');
      git('commit', '-qm', 'None', '--allow-empty');
      const [base, file] = [git('rev-parse', 'HEAD'), path.join(root, 'corp.txt')];
      const text = 'corp_token = k8Jd0sLq2PzXv7Rt\n';
      writeFileSync(file, text);
      const more = { base, trees: [], setupFiles: [file, path.join(root, 'gone.txt')] };
      const never = await openNeverSend({ root } as Repository, { gitDir: path.join(root, '.git') }, [], more);
      assert.doesNotMatch(never.mask('token.log holds k8Jd0sLq2PzXv7Rt.'), /k8Jd/);
      assert.equal(never.withheld('token.log', Buffer.from(text)), 'corp.txt');
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('is what a link with such a name leads to, by several steps as well, and nothing outside', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'never-send-'));
    try {
      const git = (...words: string[]) => gitIn(root, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words);
      git('init', '-q', '-b', 'main');
      mkdirSync(path.join(root, 'config'));
      mkdirSync(path.join(root, 'app'));
      writeFileSync(path.join(root, 'config/dev.settings'), 'API_TOKEN=k8Jd0sLq2PzXv7Rt\n');
      writeFileSync(path.join(root, 'config/plain.settings'), 'OTHER_TOKEN=q7Zm3wNx5VbTy1Lp\n');
      mkdirSync(path.join(root, 'cloud/inner'), { recursive: true });
      writeFileSync(path.join(root, 'cloud/credentials'), 'aws_secret_access_key = w7Zm3wNx5VbTy1Lp\n');
      writeFileSync(path.join(root, 'cloud/inner/file'), 'TOKEN=f7Zm3wNx5VbTy1Lp\n');
      const folders = { '.aws': 'cloud', here: 'cloud/inner', '.env.by': 'here/file', round: 'round/x', '.env.round': 'round/y' };
      const links = {
        'app/.env': '../config/current',
        'config/current': 'dev.settings',
        '.env.a': '.env.b',
        '.env.b': '.env.a',
        ...folders,
      };
      for (const [name, target] of Object.entries({ ...links, '.env.out': '../x', '.env.root': '/etc/passwd', '.env.dir': 'config' }))
        symlinkSync(target, path.join(root, name));
      git('add', '-A');
      git('commit', '-qm', 'Links');
      const [base, tree] = [git('rev-parse', 'HEAD'), git('rev-parse', 'HEAD^{tree}')];
      const never = await openNeverSend({ root } as Repository, { gitDir: path.join(root, '.git') }, [], { base, trees: [{ tree }] });
      assert.doesNotMatch(never.mask('with k8Jd0sLq2PzXv7Rt.'), /k8Jd/);
      assert.equal(never.withheld('config/dev.settings', Buffer.from('API_TOKEN=k8Jd0sLq2PzXv7Rt\n')), 'app/.env');
      assert.equal(never.withheld('cloud/credentials', Buffer.from('aws_secret_access_key = w7Zm3wNx5VbTy1Lp\n')), '.aws/credentials');
      assert.doesNotMatch(never.mask('with f7Zm3wNx5VbTy1Lp.'), /f7Zm/, 'by way of a folder that is a link');
      assert.match(never.mask('with q7Zm3wNx5VbTy1Lp.'), /q7Zm/);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('is what git holds of such files on other branches, in stashes, in the index, where branches stood before, of what nothing leads to any more, and in what it borrows', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'never-send-'));
    try {
      const git = (...words: string[]) => gitIn(root, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words);
      const write = (name: string, secret: string) => {
        mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
        writeFileSync(path.join(root, name), `API_TOKEN=${secret}\n`);
      };
      const commit = (name: string, secret: string, ...words: string[]) => {
        write(name, secret);
        git('add', '-A');
        git('commit', '-qm', 'More', ...words);
      };
      git('init', '-q', '-b', 'main');
      commit('a/plain.txt', 'q7Zm3wNx5VbTy1Lp');
      const main = git('rev-parse', 'HEAD');
      const branchWith = (branch: string, name: string, secret: string) => {
        git('checkout', '-qb', branch, main);
        commit(name, secret);
      };
      branchWith('deploy', 'a/.env.production', 'b8Jd0sLq2PzXv7Rt');
      branchWith('tagged', '.env', 't8Jd0sLq2PzXv7Rt');
      git('tag', '-am', 'One', 'v1');
      branchWith('remote', 'x/.env', 'r8Jd0sLq2PzXv7Rt');
      git('update-ref', 'refs/remotes/origin/x', 'remote');
      branchWith('there', 'sub/.env.there', 'w8Jd0sLq2PzXv7Rt');
      git('checkout', '-q', 'main');
      git('worktree', 'add', '-q', '--detach', `${root}/.git/there`, 'there');
      for (const branch of ['tagged', 'remote', 'there']) git('branch', '-qD', branch);
      commit('.env.oops', 'o8Jd0sLq2PzXv7Rt');
      git('reset', '-q', '--hard', main);
      for (const [at, secret] of ['s8Jd0sLq2PzXv7Rt', 'S8Jd0sLq2PzXv7Rt'].entries()) {
        write(`sub/.env.${at}`, secret);
        git('stash', '-qu');
      }
      write('deep/.env', 'i8Jd0sLq2PzXv7Rt');
      git('add', 'deep/.env');
      // Added by accident and taken back; what nothing names; where a merge stood, in a pack; what is kept apart.
      write('twice/.env', 'u8Jd0sLq2PzXv7Rt');
      git('add', 'twice/.env');
      git('rm', '-q', '--cached', 'twice/.env');
      const alone = (secret: string) => {
        write('alone/.env', secret);
        const id = git('hash-object', '-w', 'alone/.env');
        const above = execFileSync('git', ['-C', root, 'mktree'], { input: `100644 blob ${id}\t.env\n`, encoding: 'utf8' }).trim();
        return { ids: [id, above], commit: git('commit-tree', '-m', 'Alone', above) };
      };
      alone('d8Jd0sLq2PzXv7Rt');
      for (const [secret, name] of [
        ['h8Jd0sLq2PzXv7Rt', 'ORIG_HEAD'],
        ['c8Jd0sLq2PzXv7Rt', 'mtimes'],
        ['p8Jd0sLq2PzXv7Rt', null],
      ] as const) {
        const { ids, commit: top } = alone(secret);
        const input = [...ids, top].map((id) => `${id}\n`).join('');
        const pack = execFileSync('git', ['-C', root, 'pack-objects', '-q', '.git/objects/pack/pack'], { input, encoding: 'utf8' }).trim();
        if (name === 'ORIG_HEAD') writeFileSync(path.join(root, '.git', name), `${top}\n`);
        if (name === 'mtimes') writeFileSync(path.join(root, `.git/objects/pack/pack-${pack}.mtimes`), '');
        git('prune-packed', '-q');
      }
      writeFileSync(path.join(root, 'settings.txt'), 'a text of which\nSOME=e8Jd0sLq2PzXv7Rt\nis one line\n');
      git('hash-object', '-w', 'settings.txt');
      const lent = path.join(root, '.git/lent');
      git('init', '-q', '--bare', lent);
      const objects = (repository: string) => path.join(repository, 'objects');
      const env = { PATH: process.env['PATH'], GIT_DIR: lent };
      const there = (input: string, ...words: string[]) =>
        execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words], { env, input, encoding: 'utf8' }).trim();
      const blob = there('API_TOKEN=l8Jd0sLq2PzXv7Rt\n', 'hash-object', '-w', '--stdin');
      const tree = there(`100644 blob ${blob}\t.env\n`, 'mktree');
      there('', 'update-ref', 'refs/heads/other', there('', 'commit-tree', '-m', 'One', tree));
      writeFileSync(path.join(objects(path.join(root, '.git')), 'info/alternates'), `${objects(lent)}\n`);
      const source = { gitDir: path.join(root, '.git'), objectDirs: [path.join(root, '.git'), lent].map(objects) };
      const never = await openNeverSend({ root } as Repository, source, [], { base: main, trees: [{ tree: main }] });
      const secrets = ['b', 't', 'r', 'w', 'o', 's', 'S', 'i', 'l', 'u', 'd', 'h', 'c', 'p'].map((sign) => `${sign}8Jd0sLq2PzXv7Rt`);
      const shown = () => secrets.filter((secret) => never.mask(`+API_TOKEN=${secret}`).includes(secret));
      assert.deepEqual(shown(), secrets);
      await learnElsewhere(never, source, new AbortController().signal);
      assert.deepEqual(shown(), []);
      assert.match(never.mask('with q7Zm3wNx5VbTy1Lp and e8Jd0sLq2PzXv7Rt.'), /q7Zm.*e8Jd/);
      assert.deepEqual(never.files(), [], 'no search names files that are not here');
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('is also what a branch held that is gone, in a pack of very many objects, and of those who lend objects', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'never-send-'));
    try {
      const folders = ['own', 'lent'].map((name) => path.join(root, name));
      for (const [at, folder] of folders.entries()) {
        const blobs = Array.from({ length: at === 0 ? 30_000 : 1 }, (_, n) => `blob\ndata ${`${n}`.length}\n${n}\n`).join('');
        const text = `API_TOKEN=${at}k8Jd0sLq2PzXv7Rt\n`;
        const commit = (branch: string, name: string) =>
          `commit refs/heads/${branch}\ncommitter a <a@b> 1500000000 +0000\ndata 0\nM 644 inline ${name}\ndata ${text.length}\n${text}\n`;
        execFileSync('git', ['init', '-q', '-b', 'main', folder]);
        const input = `${blobs}${commit('main', 'plain.txt').replaceAll('k8J', 'x8J')}${commit('gone', 'a/.env')}`;
        execFileSync('git', ['-C', folder, 'fast-import', '--quiet'], { input });
        gitIn(folder, 'branch', '-qD', 'gone');
      }
      const [gitDir, lent] = folders.map((folder) => path.join(folder, '.git')) as [string, string];
      writeFileSync(path.join(gitDir, 'objects/info/alternates'), `${lent}/objects\n`);
      const never = neverSend();
      await learnElsewhere(never, { gitDir, objectDirs: [gitDir, lent].map((dir) => `${dir}/objects`) }, new AbortController().signal);
      assert.equal(never.mask('with 0k8Jd0sLq2PzXv7Rt or 1k8Jd0sLq2PzXv7Rt'), 'with [withheld] or [withheld]');
      assert.equal(never.mask('with 1x8Jd0sLq2PzXv7Rt'), 'with 1x8Jd0sLq2PzXv7Rt', 'an ordinary file');
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('is known soon where a repository brings thousands of lists of packs', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'never-send-'));
    try {
      gitIn(root, 'init', '-q', '-b', 'main');
      const packs = path.join(root, '.git/objects/pack');
      const list = Buffer.alloc(8 + 256 * 4 + 19_000 * 36 + 40);
      list.writeUInt32BE(0xff744f63);
      list.writeUInt32BE(19_000, 8 + 255 * 4);
      writeFileSync(path.join(packs, 'list'), list);
      for (let at = 0; at < 2_000; at++) {
        const name = path.join(packs, `pack-${`${at}`.padStart(40, '0')}`);
        linkSync(path.join(packs, 'list'), `${name}.idx`);
        writeFileSync(`${name}.mtimes`, '');
      }
      let worst = Number.POSITIVE_INFINITY;
      // On a busy machine it waits for others, too.
      for (let attempt = 0; attempt < 3 && worst > 1_000; attempt++) {
        const began = performance.now();
        const learned = learnElsewhere(neverSend(), { gitDir: path.join(root, '.git'), objectDirs: [''] }, new AbortController().signal);
        worst = Math.min(worst, performance.now() - began);
        await learned;
      }
      assert.ok(worst < 1_000, `the server answers nobody for ${worst} ms`);
    } finally {
      rmSync(root, { recursive: true });
    }
  }).timeout(60_000);

  it('is also what comes into git while commands can read it', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'never-send-'));
    try {
      const git = (...words: string[]) => gitIn(root, ...words);
      git('init', '-q', '-b', 'main');
      const source = { gitDir: path.join(root, '.git'), objectDirs: [path.join(root, '.git/objects')] };
      const never = neverSend();
      const relearn = relearning(never, source, new AbortController().signal);
      const shows = () => never.mask('it prints m8Jd0sLq2PzXv7Rt here').includes('m8Jd');
      await relearn();
      assert.ok(shows());
      writeFileSync(path.join(root, '.env'), 'API_TOKEN=m8Jd0sLq2PzXv7Rt\n');
      git('add', '.env');
      await relearn();
      assert.ok(!shows());
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
