import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
    assert.equal(named(installed('other/node_modules/claude-kimi-mcp'), PATH), 'npx claude-kimi-mcp', 'the name would start another');
  });

  it('is npx where that fetched it, though npx puts it on PATH, and where it lies in a project', () => {
    const fetched = installed('.npm/_npx/0123/node_modules/claude-kimi-mcp');
    assert.equal(named(fetched, onPath(fetched)), 'npx claude-kimi-mcp');
    assert.equal(named(installed('project/node_modules/claude-kimi-mcp')), 'npx claude-kimi-mcp');
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
