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
});
