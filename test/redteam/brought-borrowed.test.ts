/** What a repository borrows its objects from: no other repository is read by it, and nobody waits for what it leads to. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run, task, type World, write, writeIn } from '../e2e/world.ts';
import { field } from '../fakes/mcp-client.ts';
import { attack } from './attack.ts';
import { BRANCH, delegate, hostilePlay } from './hostile.ts';

const SECRET = 'the plan that nobody knows';
const PADDING = `#${'x'.repeat(98)}\n`.repeat(50_000);

describe('red team: what a repository borrows', () => {
  let world: World;
  const play = hostilePlay((made) => {
    world = made;
  });
  afterEach(() => world.close());

  /** Another repository of the user's, a commit of which is known from elsewhere. @returns its objects */
  function another(): string {
    const other = path.join(world.home, 'other');
    cpSync(world.repo, other, { recursive: true });
    writeIn(other, 'src/plan.txt', `${SECRET}\n`);
    const git = (...words: string[]) => execFileSync('git', ['-C', other, ...words], { encoding: 'utf8' }).trim();
    git('add', '-A');
    git('commit', '-q', '-m', 'Plan');
    inGitDir('refs/heads/main', `${git('rev-parse', 'HEAD')}\n`);
    return path.join(other, '.git/objects');
  }
  const inGitDir = (at: string, text: string) => writeIn(path.join(world.repo, '.git'), at, text);
  const alternates = (text: string, store = 'objects') => inGitDir(`${store}/info/alternates`, text);

  it('71: another repository is read by no list, whatever its form, size and depth', async () => {
    const ways: Readonly<Record<string, (objects: string) => void>> = {
      plain: (objects) => alternates(`${objects}\n`),
      'behind megabytes': (objects) => alternates(`${PADDING}${objects}\n`),
      'behind megabytes in a folder that is borrowed': (objects) => {
        mkdirSync(path.join(world.repo, '.git/b/objects/pack'), { recursive: true });
        alternates('../b/objects\n');
        alternates(`${PADDING}${objects}\n`, 'b/objects');
      },
      'as deep as git goes': (objects) => {
        for (let at = 1; at < 6; at++) {
          mkdirSync(path.join(world.repo, `.git/b${at}/objects/pack`), { recursive: true });
          alternates(`${path.join(world.repo, `.git/b${at}/objects`)}\n`, at === 1 ? 'objects' : `b${at - 1}/objects`);
        }
        alternates(`${objects}\n`, 'b5/objects');
      },
      'in quotes with a blank behind them': (objects) => alternates(`"${objects}" \n`),
      'in quotes with another line behind them': (objects) => alternates(`"${objects}"xnone\n`),
      'before a NUL': (objects) => alternates(`${objects}\0none\n`),
      'by a name that is no UTF-8': (objects) => {
        const folder = path.dirname(path.dirname(objects));
        const odd = Buffer.concat([Buffer.from(folder), Buffer.from([0xff])]);
        renameSync(folder, odd);
        alternates('');
        writeFileSync(path.join(world.repo, '.git/objects/info/alternates'), Buffer.concat([odd, Buffer.from('/.git/objects\n')]));
      },
      'by a link in a folder that is borrowed': (objects) => {
        execFileSync('git', ['-C', path.dirname(path.dirname(objects)), 'repack', '-adq']);
        mkdirSync(path.join(world.repo, '.git/b/objects'), { recursive: true });
        symlinkSync(path.join(objects, 'pack'), path.join(world.repo, '.git/b/objects/pack'));
        alternates('../b/objects\n');
      },
    };
    for (const [what, way] of Object.entries(ways)) {
      await play(() => [run('cat src/plan.txt')]);
      way(another());
      const report = await delegate(world, { task_spec: 'Change src/plan.txt.' });
      assert.equal(field(report, 'outcome'), 'invalid_request', `${what}: ${report}`);
      assert.ok(!world.kimi.requests.some(({ body }) => body.includes(SECRET)), what);
      if (what !== Object.keys(ways).at(-1)) await world.close();
    }
  }).timeout(90_000);

  const folders = (at: string, count: number) => {
    mkdirSync(at, { recursive: true });
    execFileSync('sh', ['-c', `seq ${count} | xargs mkdir`], { cwd: at });
  };

  /** Each took a minute and more, in which the server answered nobody. */
  for (const [what, lay] of Object.entries<() => void>({
    'lists of folders within each other': () => {
      const chain = Array.from({ length: 1000 }, (_, depth) => `x${'/a'.repeat(depth)}`);
      folders(path.join(world.repo, '.git/objects', chain.at(-1)!), 15_000);
      alternates(chain.map((at) => `${at}\n`).join(''));
    },
    'lists of a million folders that are not there': () => alternates('a\n'.repeat(1_000_000)),
    'submodules whose refs are all one large folder': () => {
      folders(path.join(world.repo, '.git/large'), 19_000);
      for (let at = 0; at < 400; at++) {
        mkdirSync(path.join(world.repo, `.git/modules/m${at}/objects`), { recursive: true });
        symlinkSync('../../large', path.join(world.repo, `.git/modules/m${at}/refs`));
      }
    },
  }))
    it(`72: ${what} hold nobody up`, async () => {
      await play(() => [write('done.txt', 'done\n')]);
      lay();
      const report = await world.server.call('implement_feature', task(world, BRANCH));
      assert.equal(field(report, 'outcome'), 'invalid_request', report);
    }).timeout(30_000);

  attack('72: links of a command to one large git dir hold nobody up', async () => {
    const lay =
      'mkdir -p l/objects l/refs; cd l/refs; seq 19000 | xargs mkdir; cd ../..; for i in $(seq 400); do mkdir n$i; ln -s ../l n$i/.git; done';
    await play(() => [run(lay), write('done.txt', 'done\n')]);
    assert.match(await delegate(world), /^branch: feature\/hostile {3}tip/m);
  }).timeout(60_000);
});
