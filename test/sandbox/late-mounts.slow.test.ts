/**
 * What the machine mounts while a command runs. Where mounts are shared, as systemd has them, a sandbox must not receive it: tried in a
 * mount namespace of our own, which is shared in itself, with a bare bubblewrap as the proof that it would.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asOrdinaryUser, giveAway } from '../fakes/ordinary-user.ts';
import { makeSandboxWorld, type SandboxWorld } from './sandbox-world.ts';

const SANDBOX = join(import.meta.dirname, '../../src/sandbox/sandbox.ts');
const NAMESPACE = ['unshare', '-U', '-r', '-m', '--propagation', 'private', '--', 'sh', '-c', 'mount --make-rshared / && exec "$@"', 'sh'];

describe('what is mounted while a command runs', function () {
  this.timeout(30_000);
  let world: SandboxWorld;
  beforeEach(() => {
    world = makeSandboxWorld();
  });
  afterEach(() => world.remove());

  /**
   * Mounts a file system with a secret on each of `late` once the command has begun.
   * @returns what the command then read of the secret at each of `looked`
   */
  function seen(late: readonly string[], looked: readonly string[], how: 'ours' | 'bare bubblewrap'): string {
    const tree = how === 'ours' ? world.checkout : world.spec.workspace;
    const secrets = looked.map((folder) => `${folder}/secret`).join(' ');
    const command = `touch ${tree}/begun; until [ -e ${tree}/mounted ]; do sleep 0.02; done; cat ${secrets} 2>&1`;
    const run =
      how === 'ours'
        ? `const { openSandbox } = await import(${JSON.stringify(SANDBOX)});
           const opening = await openSandbox({ ...spec, env: { ...process.env, HOME: ${JSON.stringify(world.home)} } });
           if (!opening.ok) throw new Error(JSON.stringify(opening.reason));
           const output = opening.sandbox.run(command, { cwd: '', timeoutMs: 20000, network: false, signal: new AbortController().signal, outputFile: spec.temp + '/out' }).then(async ({ head }) => { await opening.sandbox.close(); return head; });`
        : `const output = promisify(execFile)('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '--bind', spec.workspace, spec.workspace, '--', 'sh', '-c', command]).then(({ stdout }) => stdout, ({ stdout }) => stdout);`;
    const script = join(world.root, 'script.ts');
    writeFileSync(
      script,
      `import { execFile, execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
const { spec, command, late } = JSON.parse(process.argv[2]);
${run}
while (!existsSync(spec.workspace + '/begun')) await new Promise((resolve) => setTimeout(resolve, 10));
for (const folder of late) {
  execFileSync('mount', ['-t', 'tmpfs', 'none', folder]);
  writeFileSync(folder + '/secret', 'SECRET-OF-THE-MACHINE\\n');
}
writeFileSync(spec.workspace + '/mounted', '');
console.log(await output);
`,
    );
    giveAway(world.root);
    const { env: _env, ...spec } = world.spec;
    const user = asOrdinaryUser();
    assert.ok(user);
    const words = [...user, ...NAMESPACE, process.execPath, script, JSON.stringify({ spec, command, late })];
    const done = spawnSync(words[0]!, words.slice(1), { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: world.home } });
    return done.stdout + done.stderr;
  }

  it('does not reach it: below a toolchain, its working tree, temp, the git dir, borrowed objects, lent dependencies', function () {
    if (process.platform !== 'linux' || asOrdinaryUser() === null) this.skip();
    const { workspace, temp, gitDir, objectDirs } = world.spec;
    const [tools, dependencies] = [join(world.home, '.cargo/bin'), join(world.checkout, 'node_modules')];
    const late = [tools, workspace, temp, gitDir, objectDirs[0]!, dependencies].map((folder) =>
      join(folder, folder === objectDirs[0] ? 'info' : 'late'),
    );
    for (const folder of late) mkdirSync(folder, { recursive: true });
    const looked = [
      ...[tools, world.checkout, '/tmp', gitDir, dependencies].map((folder) => join(folder, 'late')),
      '/run/claude-kimi/objects/0/info',
    ];
    const spec = { ...world.spec, lent: [{ at: dependencies, from: [dependencies] }] };
    world = { ...world, spec };
    const output = seen(late, looked, 'ours');
    assert.equal(output.match(/^cat: .*No such file or directory$/gm)?.length, looked.length, output);
  });

  it('reaches a bare bubblewrap, so that the case above shows something', function () {
    if (process.platform !== 'linux' || asOrdinaryUser() === null) this.skip();
    const late = [join(world.home, '.cargo/bin/late')];
    mkdirSync(late[0]!);
    assert.match(seen(late, late, 'bare bubblewrap'), /^SECRET-OF-THE-MACHINE$/m);
  });
});
