import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** Names that must not leave this repository, wherever they lie in it. */
const PRIVATE =
  /(^|\/)(\.env[^/]*|\.npmrc|\.cache|\.ci|\.git|\.github|\.vscode|node_modules|test|tests|scripts|src|coverage)(\/|$)|\.(ts|map|tgz|vsix|log|pem|key)$/;

describe('what is shipped', () => {
  it('VSIX: everything is left out but a list of what the extension needs', () => {
    const lines = readFileSync(path.join(ROOT, '.vscodeignore'), 'utf8').split('\n').filter(Boolean);
    assert.equal(lines[0], '**', 'the first rule leaves out everything');
    const letIn = lines.slice(1).map((line) => line.replace(/^!/, ''));
    assert.ok(
      lines.slice(1).every((line) => line.startsWith('!')),
      'every other rule lets something in',
    );
    const allowed = /^(dist\/|media\/|l10n\/|package(\.nls\*)?\.json$|README\.md$|CHANGELOG\.md$|LICENSE$)/;
    assert.deepEqual(
      letIn.filter((line) => !allowed.test(line)),
      [],
    );
    const candidates = [
      ...tracked(),
      '.env',
      '.env.local',
      'dist/.env',
      '.cache/x',
      'node_modules/x/index.js',
      'claude-kimi-mcp-0.2.0.tgz',
    ];
    const shipped = candidates.filter((name) => letIn.some((rule) => path.matchesGlob(name, rule)));
    assert.deepEqual(
      shipped.filter((name) => PRIVATE.test(name)),
      [],
    );
    for (const needed of ['package.json', 'README.md', 'LICENSE', 'media/icon.png']) assert.ok(shipped.includes(needed), needed);
  });

  it('git: the settings of npm hold no secret, and its lock is one that no version of npm rewrites', () => {
    const settings = readFileSync(path.join(ROOT, '.npmrc'), 'utf8')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    assert.deepEqual(settings, ['omit-lockfile-registry-resolved=true', 'loglevel=error']);
    const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
    for (const [name, entry] of Object.entries<Record<string, unknown>>(packages))
      for (const field of ['resolved', 'libc']) assert.equal(entry[field], undefined, `${name}: ${field}`);
  });

  it('git: nothing secret or generated is tracked, and .env never can be', () => {
    assert.deepEqual(
      tracked().filter((name) => /(^|\/)(\.env[^/]*|node_modules|dist|\.cache)(\/|$)|\.(tgz|vsix|pem|key)$/.test(name)),
      [],
    );
    const ignored = ['.env', '.env.local', 'dist/server.cjs', 'packages/a/node_modules/x', 'x.vsix', 'x.tgz'];
    const answer = spawnSync('git', ['check-ignore', '--no-index', ...ignored], { cwd: ROOT, encoding: 'utf8' });
    assert.deepEqual(answer.stdout.trim().split('\n'), ignored);
  });

  function tracked(): string[] {
    return execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' }).split('\0').filter(Boolean);
  }
});

const withoutFigures = (line: string) => (line.startsWith('cost:') ? line.replaceAll(/[\d.]+/g, '0') : line);

describe('the installed program', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'ckm-cli-'));
  after(() => rmSync(home, { recursive: true, force: true }));

  for (const program of ['cli.js', 'server.cjs']) {
    it(`${program} makes the state directory for the user alone, and leaves what is not ours`, () => {
      const top = mkdtempSync(path.join(home, 'mode-'));
      const at = (name: string) => path.join(top, name);
      const start = (env: Record<string, string>) =>
        spawnSync(process.execPath, [path.join(ROOT, 'dist', program), '--version'], {
          cwd: top,
          env: { PATH: process.env.PATH, ...env },
          input: '',
          timeout: 10_000,
        });
      const mode = (name: string) => (statSync(at(name)).mode & 0o777).toString(8);
      for (const name of ['fresh', 'open/.claude-kimi-mcp', 'linked', 'target', 'named']) mkdirSync(at(name), { recursive: true });
      for (const name of ['open/.claude-kimi-mcp', 'target', 'named']) chmodSync(at(name), 0o755);
      symlinkSync(at('target'), at('linked/.claude-kimi-mcp'));
      for (const name of ['fresh', 'open', 'linked']) start({ HOME: at(name) });
      start({ HOME: at('fresh'), CLAUDE_KIMI_HOME: ` ${at('named')} ` });
      start({ HOME: at('fresh'), CLAUDE_KIMI_HOME: 'relative' });
      start({ HOME: at('fresh'), CLAUDE_KIMI_HOME: at('new/deep') });
      assert.equal(mode('fresh/.claude-kimi-mcp'), '700');
      assert.equal(mode('open/.claude-kimi-mcp'), '700');
      assert.equal(mode('target'), '755');
      assert.equal(mode('named'), '755');
      assert.equal(mode('new/deep'), '700');
      assert.ok(statSync(at('named/cache/v8')).isDirectory());
      assert.ok(!existsSync(at('relative')), 'a relative name is refused');
    });
  }

  it('demo: a bug fix from the call to a branch that is ready, with a scripted model', function () {
    this.timeout(60_000);
    const tmp = mkdtempSync(path.join(home, 'demo-'));
    // A key of the user's and other settings must not reach a scripted demo.
    const env = { PATH: process.env.PATH, HOME: tmp, TMPDIR: tmp, KIMI_API_KEY: 'sk-the-users-own', KIMI_MAX_STEPS: '1' };
    const done = spawnSync(process.execPath, [path.join(ROOT, 'dist', 'cli.js'), 'demo'], { cwd: tmp, env, encoding: 'utf8', input: '' });
    assert.equal(done.status, 0, done.stdout + done.stderr);
    assert.match(done.stdout, /The model is scripted: no key and no network are used/);
    assert.match(done.stdout, /^outcome: ready/m);
    assert.match(done.stdout, /step \d+\/50 · /, 'live steps');
    assert.match(done.stdout, /Your checkout was not touched.*## main/);
    assert.match(done.stdout, /git merge --squash fix\/cart-quantities/);
    assert.ok(!done.stdout.includes('sk-the-users-own'));
    const [, example = ''] = /```text\n([\s\S]*?)```/.exec(readFileSync(path.join(ROOT, 'README.md'), 'utf8')) ?? [];
    const shown = example.split('\n').map((line) => line.replace(/^> /, ''));
    assert.ok(shown.length > 5);
    // Time and cost are another at each run, or with each change of what the model is told.
    const lines = done.stdout.split('\n').map(withoutFigures);
    assert.deepEqual(
      shown.map(withoutFigures).filter((line) => line !== '> ' && !lines.includes(line)),
      [],
    );
  });
});
