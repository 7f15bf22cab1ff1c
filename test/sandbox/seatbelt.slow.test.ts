/**
 * The sandbox of macOS from end to end, but for macOS: a played sandbox-exec keeps the rules and runs the command without any. So this
 * shows what stands around the wall, not the wall.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSandbox } from '../../src/sandbox/sandbox.ts';
import { seatbeltProfile } from '../../src/sandbox/seatbelt-profile.ts';
import { DIST } from '../fakes/mcp-client.ts';
import { installedNodes } from '../install/machine.ts';
import { english } from '../messages/english.ts';
import { machine } from './played-machine.ts';
import { processesWith } from './processes-with.ts';
import { makeSandboxWorld, openOrFail, runIn, type SandboxWorld } from './sandbox-world.ts';
import { readRules } from './seatbelt-rules.ts';

const MAC = machine({}, { platform: 'darwin' });

describe('commands on macOS, by a played sandbox-exec', function () {
  this.timeout(20_000);
  let world: SandboxWorld;
  let program: string;
  const play = (script: string) => {
    writeFileSync(program, `#!/bin/bash\n${script}\n`);
    chmodSync(program, 0o755);
  };
  const rules = () => readRules(readFileSync(`${program}.profile`, 'utf8'));
  const open = () => openOrFail(world.spec, { program, machine: MAC });

  beforeEach(() => {
    world = makeSandboxWorld();
    program = join(world.root, 'sandbox-exec');
    play('[ "$1" = -p ] || exit 64; printf %s "$2" > "$0.profile"; shift 2; exec "$@"');
  });
  afterEach(() => world.remove());

  it('run where the working tree lies, with an environment that is built anew', async () => {
    const sandbox = await open();
    const { workspace, temp } = world.spec;
    assert.deepEqual([sandbox.kind, sandbox.shownRoot, sandbox.shownTemp], ['seatbelt', workspace, temp]);
    const result = await runIn(sandbox, world, 'pwd; env | grep -c sk-secret; echo "$HOME $TMPDIR"; env | grep -ci proxy; greet');
    assert.equal(result.head, `${workspace}\n0\n${temp}/home ${temp}\n0\nhello from a toolchain\n`);
    assert.deepEqual([result.exitCode, result.sandboxed, result.use.network], [0, true, null]);
    const allows = rules();
    assert.ok(allows('file-write-data', { path: join(workspace, 'app.txt') }));
    assert.ok(!allows('file-read-data', { path: join(world.home, '.ssh/id_ed25519') }));
    assert.equal((await runIn(sandbox, world, 'exit 7', { cwd: '../..' })).exitCode, 126);
    assert.equal((await runIn(sandbox, world, 'exit 7')).exitCode, 7);
    await sandbox.close();
  });

  it('reach the network by our proxy alone, which counts what a command used', async () => {
    const sandbox = await open();
    const ask = `exec 9<>/dev/tcp/127.0.0.1/\${HTTPS_PROXY##*:} && printf 'CONNECT evil.example:443 HTTP/1.1\\r\\n\\r\\n' >&9 && head -1 <&9`;
    const result = await runIn(sandbox, world, ask, { network: true });
    assert.match(result.head, /403 evil\.example is not an allowed host/);
    assert.equal(result.use.network?.refused.length, 1);
    const port = /localhost:(\d+)/.exec(readFileSync(`${program}.profile`, 'utf8'))?.[1];
    assert.ok(rules()('network-outbound', { remote: `localhost:${port}` }));
    assert.equal((await runIn(sandbox, world, ':', { network: true })).use.network?.refused.length, 0);
    await runIn(sandbox, world, ':');
    assert.ok(!rules()('network-outbound', { remote: `localhost:${port}` }));
    await sandbox.close();
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`), /fetch failed/);
  });

  it('leave nothing running, and one at a time', async () => {
    const sandbox = await open();
    await Promise.all([runIn(sandbox, world, 'sleep 0.1; echo a >> order'), runIn(sandbox, world, 'echo b >> order')]);
    assert.equal(readFileSync(join(world.spec.workspace, 'order'), 'utf8'), 'a\nb\n');
    assert.equal((await runIn(sandbox, world, 'setsid sleep 8881 & sleep 8882 & exit 0')).exitCode, 0);
    assert.equal((await runIn(sandbox, world, 'sleep 8883', { timeoutMs: 200 })).killed, 'timeout');
    assert.deepEqual(processesWith('sleep\u0000888'), []);
    await sandbox.close();
  });

  it('say that nothing ran where sandbox-exec itself fails', async () => {
    const sandbox = await open();
    play('echo "sandbox-exec: execvp() of /bin/bash failed" >&2; exit 71');
    const result = await runIn(sandbox, world, 'touch ran');
    assert.deepEqual([result.exitCode, existsSync(join(world.spec.workspace, 'ran'))], [126, false]);
    assert.match(result.head, /sandbox-exec: .*\nThe sandbox itself could not start this command/);
    await sandbox.close();
  });

  it('are refused where sandbox-exec is missing or may not work, and in a folder that no rule can name', async () => {
    const reason = async (spec = world.spec) => {
      const opening = await openSandbox(spec, { program, machine: MAC });
      assert.ok(!opening.ok);
      return english(opening.reason);
    };
    play('echo "sandbox-exec: sandbox_apply: Operation not permitted" >&2; exit 71');
    assert.match(await reason(), /refused by this system.*started in a sandbox/);
    program = join(world.root, 'none');
    assert.match(await reason(), /sandbox-exec, is not there/);
    program = join(world.root, 'sandbox-exec');
    play('exit 0');
    assert.match(
      await reason({ ...world.spec, workspace: `${world.spec.workspace}/a\u0001b`, mountAt: '/a\u0001b' }),
      /control characters/,
    );
  });

  it('have their rules written by the bundled piece too, on each Node that may run it', async () => {
    const view = { readable: ['/usr/lib'], unreadable: [], writable: ['/Users/ann/w s'], fixed: ['/Users/ann/w s/.git'], proxyPort: 4711 };
    const piece = globSync(join(DIST, 'server/seatbelt-profile-*.cjs'))[0];
    assert.ok(piece);
    const script = `process.stdout.write(require(${JSON.stringify(piece)}).seatbeltProfile(${JSON.stringify(view)}))`;
    const withoutTag = (profile: string) => profile.replace(/CMD64_\S+_SBX/g, 'tag');
    for (const { program } of await installedNodes()) {
      assert.equal(withoutTag(execFileSync(program, ['-e', script], { encoding: 'utf8' })), withoutTag(seatbeltProfile(view)), program);
    }
  });
});
