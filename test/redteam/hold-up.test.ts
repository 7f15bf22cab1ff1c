import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finish, makeWorld, run, task, type World, write, writeIn } from '../e2e/world.ts';
import { field } from '../fakes/mcp-client.ts';
import { attack } from './attack.ts';
import { BRANCH, delegate, hostilePlay, toolResults } from './hostile.ts';

/** Longer than any of these takes on a busy machine; each took minutes. */
const PATIENCE_MS = 60_000;

describe('red team: a server that is held up', function () {
  this.timeout(PATIENCE_MS);
  let world: World;
  let open: World | null = null;
  afterEach(async () => {
    await open?.close();
    open = null;
  });
  const play = hostilePlay((made) => {
    world = made;
    open = made;
  });

  attack('54: by patterns of the repository that many names nearly match', async () => {
    await play(() => [write('done.txt', 'done\n')]);
    const patterns = Array.from({ length: 480 }, (_, at) => `*${'a'.repeat(100)}b*${at}`);
    world.write('.kimiignore', patterns.join('\n'));
    for (let at = 0; at < 300; at++) world.write(`d/${'a'.repeat(220)}${at}`, '');
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Plant');
    assert.match(await delegate(world), /^branch: feature\/hostile {3}tip/m);
  });

  attack('55: by values of files that are never sent, which all begin alike, and a text that nearly holds them', async () => {
    await play(() => [run('head -c 30000 long.txt'), write('done.txt', 'done\n')]);
    for (let file = 0; file < 10; file++)
      writeIn(world.repo, `e/${file}.env`, Array.from({ length: 250 }, (_, at) => `${'a'.repeat(3900)}${file}-${at}`).join('\n'));
    world.write('long.txt', `${'a'.repeat(60_000)}\n`);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Plant');
    await delegate(world);
    assert.match(toolResults(world)[0] ?? '', /^exit 0\n/);
  });

  attack('56: by changed files of which the effect is hard to tell', async () => {
    const fill = (name: string, begin: string, sign: string) =>
      `{ echo '${begin}'; head -c 300000 /dev/zero | tr '\\0' '${sign}'; echo; } > ${name}`;
    await play(() => [
      run(
        [
          fill('a_test.go', 'package a', '\\n'),
          fill('A.java', 'class A {}', '/'),
          fill('a.c', 'int a;', '/'),
          fill('a.test.ts', 'let a;', '/'),
        ].join('; '),
      ),
    ]);
    const report = await delegate(world, { checks: ['test -f README.md'] });
    assert.match(report, /^files: 4,/m);
  });

  attack('61: by lines of blanks, options or brackets on which an expression could take hours', async () => {
    const blanks = (length: number) => ' '.repeat(length);
    const write = `import sys
for file, line in (('pyproject.toml', '['), ('b.js', 'exports.i=function'), ('a.test.js', '} catch (e) {\\n')):
  open(file, 'w').write((line + '\\t' * 990 + 'x\\n') * 900)`;
    await play(() => [run(`echo ${Buffer.from(write).toString('base64')} | base64 -d | python3 -`)]);
    writeIn(world.repo, '.env', `A_TOKEN=a${blanks(400_000)}b\nexport ${blanks(3000)}.\n`);
    writeIn(world.repo, 'package.json', JSON.stringify({ scripts: { test: `node${' --a'.repeat(60)} ; node --test` } }));
    writeIn(world.repo, 'phpunit.xml', `<file>${'\t'.repeat(190_000)}n`);
    writeIn(world.repo, 'deno.json', '"tasks":{'.repeat(40_000));
    writeIn(world.repo, 'b.js', 'exports.b = 1;\n');
    writeIn(world.repo, 'a.test.js', "require('./b.js');\n");
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Plant');
    appendFileSync(path.join(world.repo, '.git/config'), `[include]\n\tpath = none${blanks(400_000)};\n`);
    const task_spec = 'Fix b in b.js and a.test.js so that it is 2.';
    assert.match(await delegate(world, { task_spec, checks: ['test -f README.md'] }), /^files: 3,/m);
  });

  attack('73: by answers of a thousand calls: their results are bounded, and whoever asks for a status is answered', async () => {
    const names = Array.from({ length: 1998 }, (_, at) => `d/${at}.txt`);
    const reads = names.flatMap((name, at) => (at % 2 === 0 ? [{ name: 'read_file', args: { paths: [name, names[at + 1]] } }] : []));
    const unknown = (step: number) => Array.from({ length: 999 }, (_, at) => ({ name: `tool_${step}_${at}`, args: {} }));
    world = open = await makeWorld(
      ({ index }) => [{ calls: reads }, { calls: unknown(1) }, { calls: unknown(2) }, write('done.txt', 'done\n')][index] ?? finish(),
    );
    for (const [at, name] of names.entries()) world.write(name, `${at}\n${`${'"'.repeat(990)}\n`.repeat(24)}`);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Plant');
    assert.match(await delegate(world), /^branch: feature\/hostile {3}tip/m);
    const [id = ''] = readdirSync(path.join(world.state, 'delegations'));
    const attempt = path.join(world.state, 'delegations', id, 'attempts/001');
    assert.ok(statSync(path.join(attempt, 'journal.jsonl')).size < 16 * 2 ** 20);
    const { sent } = JSON.parse(readFileSync(path.join(attempt, 'result.json'), 'utf8')) as { sent: { by: object } };
    assert.ok(Object.keys(sent.by).length <= 51, 'each name of a tool copied those before it');
    assert.match(await world.server.call('get_delegation', { repo_path: world.repo }), /feature\/hostile/);
  });

  attack('75: by what a check lays where git reads rules, on the result and on the files of a merge', async () => {
    const lays = 'rm -f .gitattributes\nmkfifo .gitattributes src/.gitignore\nmkdir -p sub/.git\nmkfifo sub/.git/HEAD\n';
    await play(() => [write('lay.sh', lays)]);
    world.write('check.sh', 'test ! -e lay.sh || sh lay.sh\ntest -f README.md\n');
    world.write('.gitattributes', '*.sh text\n');
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Plant');
    const report = await delegate(world, { checks: ['sh check.sh'] });
    const where = { repo_path: world.repo, branch_name: BRANCH, expected_tip: field(report, 'tip') ?? report };
    assert.match(await world.server.call('merge_delegation', { ...where, check: true }), /^outcome: merged/);
  });

  attack('57: a pipe that a service makes in a folder of programs while an attempt runs', async () => {
    let folder: string;
    try {
      folder = mkdtempSync('/usr/local/red-team-');
    } catch {
      return; // this user may make none there
    }
    let reader = -1;
    try {
      const pipe = path.join(folder, 'run/pipe');
      world = open = await makeWorld(({ step }) => {
        if (step === 1) {
          mkdirSync(path.dirname(pipe));
          execFileSync('mkfifo', [pipe]);
          reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
        }
        // The second command lasts until the doors are looked for again.
        return [run('true'), run('sleep 4'), run(`timeout 2 sh -c 'echo x > ${pipe}' && echo REACHED; true`)][step] ?? finish();
      });
      await delegate(world);
      assert.doesNotMatch(toolResults(world).join('\n'), /REACHED/);
      assert.equal(readSync(reader, Buffer.alloc(8)), 0);
    } finally {
      if (reader >= 0) closeSync(reader);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  describe('in the threads that read it', () => {
    let folder: string;
    let held: Promise<void>;
    beforeEach(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'stall-'));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));
    const thread = { attempts: 1, decisions: 2 };
    const stall = (which: keyof typeof thread) => path.join(folder, `stall.${thread[which]}`);

    /** A server of which a thread can be held; the attempt on `feature/held` holds its own. */
    async function makeHeld(): Promise<World> {
      let isHeld = () => {};
      held = new Promise((resolve) => (isHeld = resolve));
      world = open = await makeWorld(
        ({ step, messages }) => {
          if (step === 1 && JSON.stringify(messages).includes('Hold on')) {
            writeFileSync(stall('attempts'), '');
            isHeld();
          }
          return [run('true'), write('done.txt', 'done\n')][step] ?? finish();
        },
        { node: ['--require', path.join(import.meta.dirname, 'stall.cjs')], env: { STALL_WHILE: path.join(folder, 'stall') } },
      );
      return world;
    }
    const within10s = async <T>(act: Promise<T>): Promise<T> => {
      const began = performance.now();
      const answer = await act;
      assert.ok(performance.now() - began < 10_000);
      return answer;
    };

    attack(
      '62: by whatever takes an attempt long to read: others are answered meanwhile, other work is looked at and decided',
      async () => {
        const { server, repo } = await makeHeld();
        const report = await delegate(world);
        const here = { repo_path: repo, branch_name: 'feature/hostile' };
        const end = delegate(world, { branch_name: 'feature/held', task_spec: 'Hold on.' });
        await held;
        assert.match(await within10s(server.call('get_delegation', { repo_path: repo })), /feature\/held {2}\S* *runs|running/);
        assert.match(await within10s(server.call('delegation_diff', here)), /^\+done$/m);
        const merge = server.call('merge_delegation', { ...here, expected_tip: field(report, 'tip')! });
        assert.match(await within10s(merge), /^outcome: merged/);
        rmSync(stall('attempts'));
        assert.match(await end, /^branch: feature\/held {3}tip/m);
      },
    );

    attack('62: by whatever takes a diff or a merge long: attempts run, and it can be taken back', async () => {
      const { server, repo } = await makeHeld();
      const here = { repo_path: repo, branch_name: 'feature/hostile' };
      const expected_tip = field(await delegate(world), 'tip')!;
      await server.call('delegation_diff', here);
      writeFileSync(stall('decisions'), '');
      const waiting = new AbortController();
      const looks = server.call('delegation_diff', here, { signal: waiting.signal });
      const merge = server.call('merge_delegation', { ...here, expected_tip });
      assert.match(await delegate(world, { branch_name: 'feature/beside', task_spec: 'Go on.' }), /^branch: feature\/beside {3}tip/m);
      waiting.abort();
      await assert.rejects(looks);
      rmSync(stall('decisions'));
      assert.match(await merge, /^outcome: merged/);
    });
  });

  attack(
    '74: by a drive that goes while an attempt reads it: others are answered meanwhile, and the server ends with its client',
    async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'stall-'));
      const pipe = path.join(folder, 'pipe');
      const node = ['--require', path.join(import.meta.dirname, 'stall.cjs')];
      try {
        world = open = await makeWorld(
          ({ step }) => {
            if (step === 1) execFileSync('mkfifo', [pipe]);
            return [run('true'), write('done.txt', 'done\n')][step] ?? finish();
          },
          { node, env: { WAIT_AT: pipe } },
        );
        const left = await world.another();
        void left.call('implement_feature', task(world, 'feature/hostile')).catch(() => {});
        await world.kimi.arrived(2);
        assert.match(await left.call('get_delegation', { repo_path: world.repo }), /feature\/hostile/);
        const { _process: child } = left.client.transport as unknown as { _process: ChildProcess };
        const gone = new Promise((end) => child.once('exit', end));
        child.stdin?.end();
        const late = new Promise((end) => setTimeout(() => end('lives'), 15_000).unref());
        assert.notEqual(await Promise.race([gone, late]), 'lives');
      } finally {
        const both = existsSync(pipe) ? openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK) : -1;
        await world.close();
        open = null;
        if (both >= 0) closeSync(both);
        rmSync(folder, { recursive: true, force: true });
      }
    },
  );
});
