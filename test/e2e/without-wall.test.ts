/** A project with installed packages where no sandbox can lend them: by the user's choice without, and in a container that is disposable. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { readHostFacts } from '../../src/sandbox/host-facts.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import { field } from '../fakes/mcp-client.ts';
import { finish, makeWorld, run, task, type World, write, writeIn } from './world.ts';

const USE = "process.exitCode = require('greeter').greet === 'hello' ? 0 : 1;\n";
const BRANCH = 'feature/installed';
const MODES = readHostFacts().container === null ? ['unsandboxed'] : ['unsandboxed', 'container'];

describe('installed packages without a wall', () => {
  let world: World;
  afterEach(() => world.close());

  for (const mode of MODES) {
    it(`are there for commands and checks, and the user's stay as they are: ${mode}`, async () => {
      let written = 0;
      world = await makeWorld(
        ({ step }) =>
          [
            run('node -p "require(\'greeter\').greet" && echo "exports.greet = 2;" > node_modules/greeter/index.js'),
            write('use.js', USE),
            write(`more-${++written}.txt`, 'more\n'),
            finish(),
          ][step] ?? finish(),
        { env: { KIMI_SANDBOX: mode, KIMI_SANDBOX_PROGRAM: '/nonexistent/bwrap' } },
      );
      writeIn(world.repo, 'package.json', '{"name":"app"}\n');
      world.git('add', '-A');
      world.git('commit', '-qm', 'An app that does not ignore its packages');
      const installed = path.join(world.repo, 'node_modules');
      writeIn(installed, 'greeter/index.js', "exports.greet = 'hello';\n");
      const before = await fingerprint(installed);
      const report = await world.server.call('implement_feature', task(world, BRANCH, { checks: ['node use.js'] }));
      assert.equal(field(report, 'outcome'), 'ready', report);
      assert.doesNotMatch(world.git('ls-tree', '-r', '--name-only', BRANCH), /node_modules/);
      // On, in the same working tree: what the model changed there is still there, and still on no branch.
      const again = await world.server.call(
        'implement_feature',
        task(world, BRANCH, { checks: ['node use.js'], task_spec: 'More.', attempt: 2 }),
      );
      assert.equal(field(again, 'outcome'), 'ready', again);
      assert.doesNotMatch(world.git('ls-tree', '-r', '--name-only', BRANCH), /node_modules/);
      assert.deepEqual(await fingerprint(installed), before);
    });
  }
});
