import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { transform } from 'esbuild';
import { OLDEST_NODE, runsOn, TRY_NODE } from '../../src/common/node-version.ts';
import { MCP_TOOLS } from '../../src/mcp/tool-schemas.ts';
import { field } from '../fakes/mcp-client.ts';
import { ROOT } from './pack.ts';

const TOO_OLD = /Node\.js v18\.20\.8 \(.*node\) is too old: install version 20\.12 or newer/;

describe('a Node that is too old', () => {
  let home: string;
  before(() => {
    home = mkdtempSync(path.join(tmpdir(), 'ckm-old-node-'));
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  function start(program: string, words: string[], { node = '18.20.8', requests = [] as object[], env = {} } = {}) {
    const preload = ['--require', path.join(import.meta.dirname, 'as-old-node.cjs')];
    return spawnSync(process.execPath, [...preload, path.join(ROOT, 'dist', program), ...words], {
      cwd: home,
      env: { PATH: process.env.PATH, HOME: home, AS_NODE: node, ...env },
      encoding: 'utf8',
      input: requests.map((request) => `${JSON.stringify(request)}\n`).join(''),
      timeout: 10_000,
    });
  }

  it('is told to a person in one sentence, in their language, and nothing is written', () => {
    const { status, stdout, stderr } = start('cli.js', ['list']);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, TOO_OLD);
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.match(start('cli.js', ['list'], { env: { LANG: 'zh_CN.UTF-8' } }).stderr, /版本过旧：请安装 20\.12/);
    assert.deepEqual(readdirSync(home), []);
  });

  for (const [program, words] of [
    ['cli.js', []],
    ['cli.js', ['serve']],
    ['server.cjs', []],
  ] as const) {
    it(`is told to a client as the answer to each call: ${[program, ...words].join(' ')}`, () => {
      const requests = [
        { id: 0, method: 'server/discover', params: {} },
        {
          id: 1,
          method: 'initialize',
          params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
        },
        { method: 'notifications/initialized' },
        { id: 2, method: 'tools/list' },
        { id: 3, method: 'tools/call', params: { name: 'implement_feature', arguments: {} } },
      ].map((request) => ({ jsonrpc: '2.0', ...request }));
      const { stdout, stderr } = start(program, [...words], { requests });
      const [discover, initialize, tools, call, ...more] = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      assert.deepEqual(more, []);
      assert.equal(discover.error.code, -32601);
      assert.equal(initialize.result.protocolVersion, '2025-11-25');
      assert.match(initialize.result.instructions, TOO_OLD);
      assert.deepEqual(tools.result.tools, MCP_TOOLS);
      const report: string = call.result.content[0].text;
      assert.equal(field(report, 'outcome'), 'environment_broken');
      assert.equal(field(report, 'fallback_needed'), 'true');
      assert.match(field(report, 'notice_for_user') ?? '', TOO_OLD);
      assert.match(field(report, 'reason') ?? '', TOO_OLD);
      assert.match(stderr, TOO_OLD);
    });
  }

  it('begins below the version that the manifest names, everywhere', () => {
    const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    assert.equal(engines.node, `>=${OLDEST_NODE}`);
    for (const [node, good] of [
      ['18.20.8', false],
      ['20.0.0', false],
      ['20.11.1', false],
      ['20.12.0', true],
      ['20.20.2', true],
      ['21.0.0', true],
      ['24.21.0', true],
      ['100.0.0', true],
    ] as const) {
      assert.equal(runsOn(node), good, node);
      assert.equal(start('cli.js', ['--version'], { node }).status, good ? 0 : 1, node);
      const script = `Object.defineProperty(process, 'versions', { value: { node: '${node}' } }); ${TRY_NODE}`;
      assert.equal(spawnSync(process.execPath, ['-e', script]).status, good ? 0 : 1, node);
    }
  });

  it('can read what is read before the version is looked at', async () => {
    for (const name of ['cli.js', 'server.cjs', 'old-node.cjs', 'launch.cjs']) {
      const code = readFileSync(path.join(ROOT, 'dist', name), 'utf8');
      const as = async (target: string) => (await transform(code, { target, minifyWhitespace: true })).code;
      assert.equal(await as('node12.20'), await as('esnext'), name);
    }
  });
});
