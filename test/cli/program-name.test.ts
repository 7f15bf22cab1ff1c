import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { programName } from '../../src/cli/program-name.ts';

describe('the command that hints name', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-program-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** An installation in a folder. @returns where its built programs lie */
  function installed(...names: string[]): string {
    const dist = path.join(folder, ...names, 'dist');
    mkdirSync(dist, { recursive: true });
    writeFileSync(path.join(dist, 'cli.js'), '');
    return dist;
  }
  function onPath(dist: string): string {
    const bin = path.join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(path.join(dist, 'cli.js'), path.join(bin, 'claude-kimi-mcp'));
    return `relative:/usr/bin:${bin}`;
  }
  const named = (programFolder: string, PATH = '/usr/bin:/bin', cwd = folder) => programName({ programFolder, cwd, env: { PATH } });

  it('is the name alone where PATH leads to this very program, as after a global installation', () => {
    const global = installed('lib/node_modules/claude-kimi-mcp');
    const PATH = onPath(global);
    assert.equal(named(global, PATH), 'claude-kimi-mcp');
    assert.equal(
      named(installed('other/node_modules/claude-kimi-mcp'), PATH),
      'npx --prefix ~ claude-kimi-mcp',
      'the name would start another',
    );
  });

  it('is npx where that fetched it, though npx puts it on PATH, and where it lies in a project', () => {
    const fetched = installed('.npm/_npx/0123/node_modules/claude-kimi-mcp');
    assert.equal(named(fetched, onPath(fetched)), 'npx --prefix ~ claude-kimi-mcp');
    const ofProject = installed('project/node_modules/claude-kimi-mcp');
    assert.equal(named(ofProject, '', path.join(folder, 'project/src')), 'npx claude-kimi-mcp');
    assert.equal(named(ofProject), 'npx --prefix ~ claude-kimi-mcp');
  });

  it('starts nothing of the repository that somebody stands in, and takes no settings of npm from it', function () {
    const repository = path.join(folder, 'repository');
    const home = path.join(folder, 'home');
    const mark = path.join(folder, 'ran');
    const put = (file: string, text: string) => {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text, { mode: 0o755 });
    };
    put(path.join(repository, 'node_modules/.bin/claude-kimi-mcp'), `#!/bin/sh\necho bin >> ${mark}\n`);
    put(path.join(repository, 'hook.cjs'), `require('fs').appendFileSync(${JSON.stringify(mark)}, 'hook\\n')`);
    put(path.join(repository, '.npmrc'), `node-options=--require ${repository}/hook.cjs\n`);
    put(path.join(repository, 'package.json'), '{"name":"shop","bin":{"claude-kimi-mcp":"./hook.cjs"}}');
    put(path.join(home, 'node_modules/.bin/claude-kimi-mcp'), `#!/bin/sh\nnode -e 'console.log(process.cwd())'\n`);
    const npx = spawnSync('npx', ['--version']);
    if (npx.error) return this.skip();
    const command = `${named(installed('.npm/_npx/0123/node_modules/claude-kimi-mcp'))} list`;
    const env = { PATH: process.env['PATH'], HOME: home };
    const { stdout } = spawnSync('/bin/sh', ['-c', command.replace('npx', 'npx --offline')], { cwd: repository, env, encoding: 'utf8' });
    assert.deepEqual([stdout.trim(), existsSync(mark)], [repository, false]);
  });

  it('is node in a clone, by the path that is right where somebody stands', () => {
    const dist = installed('clone');
    mkdirSync(path.join(folder, 'clone/src'));
    writeFileSync(path.join(folder, 'clone/src/cli.ts'), '');
    const clone = path.join(folder, 'clone');
    assert.equal(named(dist, '', clone), 'node dist/cli.js');
    assert.equal(named(dist, '', folder), 'node clone/dist/cli.js');
    assert.equal(named(dist, '', '/'), `node ${path.relative('/', path.join(dist, 'cli.js'))}`);
    assert.equal(named(dist, '', path.join(folder, 'elsewhere')), `node ${path.join(dist, 'cli.js')}`);
    assert.equal(programName({ programFolder: dist, cwd: '/usr/bin', env: { HOME: folder } }), 'node ~/clone/dist/cli.js');
    assert.equal(named(dist, onPath(dist)), 'claude-kimi-mcp', 'npm install -g . in a clone');
  });
});
