import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { findProgram } from '../../src/common/find-program.ts';
import { PROGRAM_DIRECTORIES } from '../../src/workspace/run-git.ts';
import { run, type World, write } from '../e2e/world.ts';
import { attack } from './attack.ts';
import { delegate, hostilePlay, toolResults } from './hostile.ts';

/** Random characters, the same in each run. */
const secret = (of: string) => `4Z9${createHash('sha256').update(of).digest('base64url').slice(0, 22).replace(/[-_]/g, 'x')}`;

describe('red team: what files hold that are never sent', function () {
  this.timeout(120_000);
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
  const planted = async () => {
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Plant');
    await delegate(world);
    return toolResults(world);
  };
  /** Of what was shown, the names whose secrets are in it. */
  const toldIn = (results: readonly string[], names: readonly string[]) =>
    names.filter((name) => results.join('\n').includes(secret(name)));

  attack('58: large ones, behind many others, and of odd names', async () => {
    await play(() => [
      run('head -1 .env.large; grep -n PASSWORD .env.large; tail -1 .env.large'),
      run('sed -n 60001p people.csv; cut -d, -f2 people.csv | sed -n 60001p; cp people.csv copy.txt; tail -1 copy.txt'),
      run('cat s/599/.env'),
      run('cat sub/.env.*line .env.latin*'),
      write('done.txt', 'done\n'),
    ]);
    const filling = Array.from({ length: 40_000 }, (_, at) => `NAME_${at}=value number ${at} of the table`).join('\n');
    world.write('.env.large', `FIRST_TOKEN=${secret('first')}\n${filling}\nPASSWORD="${secret('last')}"\n`);
    world.write('people.csv', Array.from({ length: 60_002 }, (_, at) => `${at},${secret(`row ${at}`)},a${at}@example.org\n`).join(''));
    world.write('.kimiignore', 'people.csv\n');
    for (let at = 0; at < 600; at++) world.write(`s/${at}/.env`, `TOKEN=${secret(`file ${at}`)}\n`);
    world.write('sub/.env.a\nline', `TOKEN=${secret('line')}\n`);
    writeFileSync(Buffer.concat([Buffer.from(`${world.repo}/.env.latin`), Buffer.of(0xff)]), `TOKEN=${secret('latin')}\n`);
    const results = await planted();
    assert.deepEqual(toldIn(results, ['first', 'last', 'row 60000', 'row 60001', 'file 599', 'line', 'latin']), []);
    assert.match(results[0] ?? '', /^exit 0\n\[withheld\]\n40002:\[withheld\]/);
    for (const result of results.slice(0, 4)) assert.match(result, /^exit 0\n[\s\S]*\[withheld\]/);
  });

  // Without it git falls back to the other filters or breaks off, whichever it notices first.
  const lfs = findProgram('git-lfs', PROGRAM_DIRECTORIES);
  const unpacks = lfs ? attack : (title: string, _run: () => Promise<void>) => it(`${title} (git-lfs is not installed)`);
  unpacks('59: that git-lfs unpacks', async () => {
    await play(() => [run('cat sub/secrets.json'), write('done.txt', 'done\n')]);
    for (const [key, words] of Object.entries({ clean: 'clean -- %f', smudge: 'smudge -- %f', process: 'filter-process' }))
      world.git('config', `filter.lfs.${key}`, `git-lfs ${words}`);
    world.write('.gitattributes', 'sub/secrets.json filter=lfs diff=lfs merge=lfs -text\n');
    world.write('sub/secrets.json', `{ "password": "${secret('lfs')}" }\n`);
    const results = await planted();
    assert.match(results[0] ?? '', /^exit 0\n/);
    assert.deepEqual(toldIn(results, ['lfs']), []);
    assert.doesNotMatch(results[0] ?? '', /oid sha256/, 'it is there for commands');
  });

  attack('60: so many and large that the server is held up', async () => {
    await play(() => [run('tail -1 s/39.env'), write('done.txt', 'done\n')]);
    // Made by a program: here it would take as long as the attack.
    const make = `import os\nos.mkdir("s")\nfor i in range(40): open(f"s/{i}.env", "w").write("\\n".join(os.urandom(15).hex() + "Zq" for _ in range(28000)))`;
    execFileSync('python3', ['-c', make], { cwd: world.repo });
    let silent = 0;
    let answered = Date.now();
    const stop = new AbortController();
    const asking = (async () => {
      while (!stop.signal.aborted) {
        await world.server.client.ping();
        silent = Math.max(silent, Date.now() - answered);
        answered = Date.now();
      }
    })();
    const results = await planted();
    stop.abort();
    await asking;
    assert.equal(results[0], 'exit 0\n[withheld]');
    assert.ok(silent < 15_000, `${silent} ms without an answer`);
  });
});
