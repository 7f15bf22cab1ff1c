import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { delegationFolder, readAttempts } from '../../src/delegation/store/delegation-folder.ts';
import { finish, read, run, task, type World, write, writeIn } from '../e2e/world.ts';
import { BRANCH, delegate, hostilePlay, toolResults } from './hostile.ts';

const PASSWORD = 'tr0ub4dor-and-3-more';
const TOKEN = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
const KEY_LINE = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj';
const KEY = `-----BEGIN PRIVATE KEY-----\n${KEY_LINE}\n${KEY_LINE.replace('MII', 'QxZ')}\n-----END PRIVATE KEY-----`;
const SECRETS = [PASSWORD, TOKEN, KEY_LINE, KEY_LINE.replace('MII', 'QxZ'), 'internal.corp.example', 'IGN0RED-s3cret-value'];

/** Every byte that the scripted model was sent. */
function leaks(world: World): string[] {
  const all = world.kimi.requests.map(({ body }) => body.toString()).join('\n');
  return SECRETS.filter((secret) => all.includes(secret));
}

function plant(world: World): void {
  world.write('.env', `DB_PASSWORD=${PASSWORD}\nDB_HOST=internal.corp.example\n`);
  world.write('config/app.yml', `token: ${TOKEN}\nkey: |\n${KEY.replace(/^/gm, '  ')}\nport: 3000\n`);
  world.write('keys/server.pem', `${KEY}\n`);
  world.write('backup/env.txt', `DB_PASSWORD=${PASSWORD}\nDB_HOST=internal.corp.example\n`);
  world.write('AGENTS.md', `Log in with ${PASSWORD}.\n`);
  world.write('.kimiignore', 'private/\n!.env\n');
  world.write('private/notes.md', `The host is\nhost=internal.corp.example\n`);
  world.write('.gitignore', '.env.local\n*.log\n');
  world.git('add', '-A');
  world.git('commit', '-q', '-m', 'Plant');
  world.write('.env.local', 'API_SECRET=IGN0RED-s3cret-value\n');
}

describe('red team: what leaves the machine', () => {
  let world: World;
  afterEach(() => world.close());
  const play = hostilePlay((made) => {
    world = made;
  });

  it('sends no secret by the first message, file tools, search, commands, checks and feedback', async () => {
    const search = (args: Record<string, unknown>) => ({ calls: [{ name: 'search', args }] });
    const edit = (path: string, old_text: string, new_text: string) => ({
      calls: [{ name: 'edit_file', args: { path, edits: [{ old_text, new_text }] } }],
    });
    await play(() => [
      read('.env'),
      read('.ENV'),
      read('keys/server.pem'),
      read('backup/env.txt'),
      read('config/app.yml'),
      read('private/notes.md'),
      { calls: [{ name: 'read_file', args: { path: 'config/app.yml', offset: 4, limit: 1 } }] },
      search({ pattern: 'DB_' }),
      search({ pattern: 'MII|ghp_|corp', regex: true }),
      search({ pattern: 'nothing-like-this' }),
      edit('.env', 'DB_HOST', 'DB_HOST2'),
      edit('config/app.yml', 'port: 3000', 'port: 3001'),
      write('.env', 'DB_PASSWORD=mine\n'),
      run('cat .env; cp .env x.txt; cat x.txt; cat -n .env; grep -rn DB_ . ; sed -n 4,5p config/app.yml; git show HEAD:.env; git log -p'),
      run(
        'node -p \'require("fs").readFileSync(".env", "utf8").split("=")\' || tr = \' \' < .env; awk -F= \'{print $2}\' .env; for i in $(seq 3000); do cat .env config/app.yml; done',
      ),
      run('ln -s .env link; cat .env >&2; rm .env; git diff; exit 3'),
      read('link'),
      read('x.txt'),
      write('.env.test', 'A=1\n'),
      read('.env.test'),
      finish(),
    ]);
    plant(world);
    const report = await delegate(world, {
      checks: ['cat .env; cat config/app.yml; exit 1'],
      task_spec: `Look at .env, backup/env.txt and config/app.yml. The password is ${PASSWORD}, another is IGN0RED-s3cret-value.`,
    });
    assert.deepEqual(leaks(world), [], report);
    const { sent } = readAttempts(delegationFolder(world.state, readdirSync(path.join(world.state, 'delegations'))[0]!)).at(-1)!.result!;
    assert.deepEqual(sent?.to, [new URL(world.kimi.baseUrl).host]);
    assert.equal(
      sent.bytes,
      world.kimi.requests.reduce((sum, { body }) => sum + body.length, 0),
      'every byte counts',
    );
    assert.ok(sent.files['config/app.yml']?.by.includes('read_file') && !('.env' in sent.files));
    assert.equal(sent.withheld['.env'], 'name');
    assert.equal(sent.withheld['private key'], 'form');
    const results = toolResults(world);
    assert.match(results[0] ?? '', /never shown to you/);
    assert.match(results[7] ?? '', /not searched, since their content is never sent: .*\.env/);
    assert.match(results[9] ?? '', /No line matches[\s\S]*not searched/);
    assert.match(results[11] ?? '', /Edited config\/app.yml/);
    assert.match(results[19] ?? '', /A=1/, 'what the model wrote is its own');
  });

  it('masks what an attempt was told before, when the list has grown until it is resumed', async () => {
    await play(() => [read('notes/plan.txt'), run('true'), finish()], { env: { KIMI_MAX_STEPS: '1' } });
    writeIn(world.repo, 'notes/plan.txt', `pass=${PASSWORD}\n`);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Plan');
    await delegate(world);
    assert.deepEqual(
      leaks(world),
      [PASSWORD].filter(() => world.kimi.requests.some(({ body }) => body.includes(PASSWORD))),
    );
    const before = world.kimi.requests.length;
    const server = await world.another({ env: { KIMI_MAX_STEPS: '9', KIMI_NEVER_SEND: 'notes/' } });
    await server.call('implement_feature', task(world, BRANCH, { max_steps: 9 }));
    const later = world.kimi.requests.slice(before);
    assert.ok(later.length > 0);
    assert.deepEqual(
      later.filter(({ body }) => body.includes(PASSWORD)),
      [],
    );
  });

  it('masks private keys in files of any size, and in ignored files that are lent, whichever lines a command prints', async () => {
    const keys = ['q', 'w', 'e'].map((sign) => Array.from({ length: 6 }, (_, at) => `${sign}${at}${KEY_LINE.slice(0, 62)}`));
    const blockOf = (lines: readonly string[]) => `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
    await play(() => [
      run("sed -n '30004,30006p' dump.sql; sed -n '3,5p' lent.conf; grep -h ^e own/id.txt; true"),
      { calls: [{ name: 'search', args: { pattern: keys[0]![2]!.slice(0, 12) } }] },
      read('dump.sql:30004-30005'),
      finish(),
    ]);
    world.write('dump.sql', `${'INSERT INTO t VALUES (1, 1, 1, 1, 1, 1, 1);\n'.repeat(30_000)}${blockOf(keys[0]!)}`);
    world.write('.gitignore', 'lent.conf\nown/\n');
    world.write('.worktreeinclude', 'lent.conf\nown/*\n');
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Plant');
    world.write('lent.conf', `a: 1\n${blockOf(keys[1]!)}`);
    world.write('own/id.txt', blockOf(keys[2]!));
    await delegate(world);
    const all = world.kimi.requests.map(({ body }) => body.toString()).join('\n');
    assert.deepEqual(
      keys.flat().filter((line) => all.includes(line)),
      [],
    );
    assert.match(toolResults(world)[0] ?? '', /^exit 0\n\[withheld\]\n/);
  });

  it('shows no half of a secret where a long line is cut: output of a command, hits of a search, what is said of an edit', async () => {
    const odd = 'x!Q7$zR9^mK2&vT5*pL8(nB4)wE6_cY1';
    const search = (pattern: string) => ({ calls: [{ name: 'search', args: { pattern } }] });
    const lines = Array.from(
      { length: 40 },
      (_, at) => `${'a '.repeat(600)}here${at} ${'b'.repeat(90 + 5 * at)} ${odd} ${'c '.repeat(400)}`,
    );
    const printing = (begin: number) => `node -e 'process.stdout.write(" ".repeat(${begin}) + "${TOKEN} ".repeat(2000))'`;
    await play(
      () => [
        search('here'),
        ...lines.map((_, at) => search(`here${at} `)),
        ...[0, 9, 17, 26, 33].map((begin) => run(printing(begin))),
        {
          calls: [
            {
              name: 'edit_file',
              args: { path: 'bundle.js', edits: [{ old_text: lines[3]!.slice(0, 1330).replace('here3', 'hare3'), new_text: 'x' }] },
            },
          ],
        },
        finish(),
      ],
      { env: { KIMI_MAX_STEPS: '90' } },
    );
    world.write('.env', `DB_PASSWORD=${odd}\n`);
    world.write('bundle.js', `${lines.join('\n')}\n`);
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Plant');
    await delegate(world, { max_steps: 90 });
    const results = toolResults(world);
    assert.ok(results.length > 40, `${results.length} results`);
    for (const [at, result] of results.entries())
      for (const part of [odd.slice(0, 6), odd.slice(-6), TOKEN.slice(0, 12), TOKEN.slice(-12)])
        assert.ok(!result.includes(part), `${at}: ${part} in ${result.slice(0, 600)}`);
  });

  it('tells by the number of hits nothing of what is never sent', async () => {
    const search = (pattern: string) => ({ calls: [{ name: 'search', args: { pattern, regex: true, offset: 990 } }] });
    await play(() => [search('^PIN=7|^z'), search('^PIN=8|^z'), finish()]);
    world.write('.env', 'PIN=7421\n');
    world.write('z.txt', 'z\n'.repeat(1200));
    world.git('add', '-A');
    world.git('commit', '-q', '-m', 'Plant');
    await delegate(world);
    const [right, wrong] = toolResults(world);
    assert.equal(right, wrong);
  });
});
