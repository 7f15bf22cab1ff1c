import assert from 'node:assert/strict';
import { readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { type ClaudeWorld, MARK, makeClaudeWorld } from '../claude/claude-world.ts';
import { finish, gitIn, run as runs, write } from '../e2e/world.ts';
import { lastResults } from '../fakes/anthropic/server.ts';
import { TEST_KEY } from '../fakes/kimi/server.ts';
import { pack, ROOT } from '../package/pack.ts';
import { installedNodes, makeBin, npmVariables, run } from './machine.ts';
import { startRegistry } from './registry.ts';

const BRANCH = 'ci/cart-tests';
const FILE = 'test/cart.test.js';
const TEST = "const test = require('node:test');\ntest('done', () => require('node:assert').equal(1 + 1, 2));\n";
const WORK = [write(FILE, TEST), runs(`cat ${FILE}`), finish()];

describe('docs/ci.md', function () {
  this.timeout(120_000);
  let world: ClaudeWorld;
  afterEach(() => world?.close());

  for (const [language, block] of scripts().entries())
    it(`does what its script says, word for word: ${['English', '中文'][language]}`, async () => {
      const packed = pack();
      const registry = await startRegistry();
      registry.publish(packed.tgz);
      world = await makeClaudeWorld({
        bare: true,
        scenario: ({ step }) => WORK[step] ?? finish(),
        script: (request, { repo }) => {
          if (lastResults(request).length > 0) return { text: 'Done.' };
          const input = { repo_path: repo, branch_name: BRANCH, task_spec: 'Test the cart.', checks: [`grep -q done ${FILE}`] };
          return { calls: [{ name: 'mcp__kimi-agent__write_tests', input }] };
        },
      });
      try {
        const bin = makeBin(world.home, (await installedNodes())[0]!);
        symlinkSync(world.run.program, path.join(bin, 'claude'));
        const origin = path.join(world.home, 'origin.git');
        gitIn(world.home, 'init', '-q', '--bare', origin);
        gitIn(world.repo, 'remote', 'add', 'origin', origin);
        const env = {
          ...world.env,
          ...npmVariables(world.home, registry.url),
          PATH: `${path.join(world.home, 'npm-global', 'bin')}:${bin}:/usr/local/bin:/usr/bin:/bin`,
          KIMI_API_KEY: TEST_KEY,
          KIMI_BASE_URL: world.kimi.baseUrl,
        };
        const ran = await run('bash', ['-ec', block], { env, cwd: world.repo });
        assert.equal(ran.code, 0, ran.stdout + ran.stderr);
        assert.match(ran.stdout, /"outcome": ?"ready"/);
        assert.equal(gitIn(origin, 'show', `${BRANCH}:${FILE}`), TEST.trim());
        assert.ok(!readFileSync(world.files.state, 'utf8').includes(TEST_KEY));
      } finally {
        await registry.close();
        packed.remove();
      }
    });
});

/** Without what installs packages of the system, and with the word by which the played model knows its conversation. */
function scripts(): string[] {
  const text = readFileSync(path.join(ROOT, 'docs', 'ci.md'), 'utf8');
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, script = '']) =>
    script.replace(/^sudo apt-get .*\n/m, '').replace('claude -p "', `claude -p "${MARK} `),
  );
}
