import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { COMMANDS } from '../../src/cli/commands.ts';
import { widthOf } from '../../src/cli/text-width.ts';
import { makeRepository } from '../e2e/world.ts';
import { DIST } from '../fakes/mcp-client.ts';
import { cli, inTerminal, type Place } from './run-cli.ts';

const { version } = JSON.parse(readFileSync(path.join(DIST, '..', 'package.json'), 'utf8'));
const NAMES = COMMANDS.map(({ name }) => name);

describe('the commands of the terminal', function () {
  this.timeout(60_000);
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-cli-')));
  after(() => rmSync(home, { recursive: true, force: true }));
  const place: Place = { home, state: path.join(home, 'state'), cwd: home };
  const chinese: Place = { ...place, env: { LC_ALL: 'zh_CN.UTF-8' } };

  it('tell the version of the package', async () => {
    for (const word of ['--version', '-v']) assert.deepEqual(await cli(place, word), { code: 0, out: `${version}\n`, err: '' });
  });

  it('are all named in the help, which says how to register the server', async () => {
    for (const word of ['--help', '-h', 'help']) {
      const { code, out, err } = await cli(place, word);
      assert.deepEqual([code, err], [0, '']);
      for (const name of NAMES) assert.match(out, new RegExp(`^  ${name} +\\S`, 'm'));
      assert.match(out, /^ {2}claude-kimi-mcp setup\n.*KIMI_API_KEY.*\n {2}claude mcp add .* npx -y claude-kimi-mcp$/m);
    }
  });

  it('each have a help of their own, in both languages', async () => {
    for (const name of NAMES) {
      const [english, same, other] = await Promise.all([cli(place, name, '--help'), cli(place, 'help', name), cli(chinese, name, '-h')]);
      assert.equal(english.code, 0, english.err);
      assert.deepEqual(english, same);
      assert.match(english.out, new RegExp(`^Usage: claude-kimi-mcp ${name}`, 'm'));
      assert.match(english.out, /^ {2}-h, --help/m);
      assert.match(other.out, /^用法：/m);
      assert.doesNotMatch(other.out, /\{\w+\}/);
    }
  });

  it('answer what they do not know with the nearest that they know, and 2', async () => {
    const wrong: [string[], RegExp][] = [
      [['lsit'], /^There is no command "lsit"\. Did you mean "list"\?\nSee: claude-kimi-mcp --help\n$/],
      [['frobnicate'], /^There is no command "frobnicate"\.\nSee/],
      [['list', '--jsn'], /^There is no option --jsn\. Did you mean --json\?\nSee: claude-kimi-mcp list --help\n$/],
      [['list', '-x'], /^There is no option -x\.\n/],
      [['--json', 'list'], /^Options come after the command, but --json stands before it\.\n/],
      [['list', '--json=yes'], /^--json takes no value\.\n/],
      [['list', '--repo'], /^--repo needs a value: --repo <folder>\.\n/],
      [['list', '--repo', '--json'], /^--repo needs a value/],
      [['list', 'a', 'b'], /^Unexpected argument: "b"\.\n/],
      [['serve', 'now'], /^Unexpected argument: "now"\.\n/],
      [['help', 'lsit'], /Did you mean "list"/],
      [['help', 'list', 'show'], /^Unexpected argument: "show"/],
      [['log', '--attempt', 'last'], /^"last" is not a whole number above 0\.\n/],
      [['stats', '--days', '0'], /^"0" is not a whole number above 0/],
      [['clean', '--older-than', 'yesterday'], /^"yesterday" is not an age\. Give hours, days or weeks: 12h, 30d, 4w\.\n/],
      [['merge', '--tip', 'HEAD'], /^"HEAD" is not a commit id/],
      [['demo', 'now'], /^Unexpected argument: "now"/],
    ];
    for (const [words, said] of wrong) {
      const { code, out, err } = await cli(place, ...words);
      assert.deepEqual([words.join(' '), code, out], [words.join(' '), 2, '']);
      assert.match(err, said);
    }
    assert.match((await cli(chinese, 'lsit')).err, /^没有“lsit”这个命令。你是指“list”吗？\n/);
    assert.match((await cli(chinese, 'list', '--jsn')).err, /^没有 --jsn 这个选项。你是指 --json 吗？\n/);
  });

  it('follow the locale, and CLAUDE_KIMI_LANG before it', async () => {
    const title = async (env: Record<string, string>) => (await cli({ ...place, env }, 'list', '--help')).out.split('\n')[0];
    const [english, other] = ['Lists the delegations of a repository, the newest first.', '列出仓库的委派，最新的在前。'];
    assert.equal(await title({ LANG: 'zh_CN.UTF-8' }), other);
    assert.equal(await title({ LANG: 'en_US.UTF-8', LC_MESSAGES: 'zh_TW' }), other);
    assert.equal(await title({ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' }), english);
    assert.equal(await title({ LANG: 'C', CLAUDE_KIMI_LANG: 'zh' }), other);
    assert.equal(await title({ LC_ALL: 'zh_CN', CLAUDE_KIMI_LANG: 'en' }), english);
  });

  it('say that the folder was removed in which they are typed; a server starts there', () => {
    const folder = mkdtempSync(path.join(home, 'gone-'));
    const input = `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } } })}\n`;
    const typed = (words: string) => {
      mkdirSync(folder, { recursive: true });
      const line = `rmdir '${folder}'; '${process.execPath}' '${path.join(DIST, 'cli.js')}' ${words}`;
      const env = { PATH: process.env.PATH, HOME: home, CLAUDE_KIMI_HOME: place.state, LANG: 'C.UTF-8' };
      return spawnSync('/bin/sh', ['-c', line], { cwd: folder, env, encoding: 'utf8', input, timeout: 30_000 });
    };
    for (const words of ['list', 'doctor', 'show some/branch']) {
      const { status, stdout, stderr } = typed(words);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, /^The folder in which you are was removed\. Go to another one/);
    }
    assert.match(typed('serve').stdout, /"serverInfo"/);
  });

  it('are the help without a word in a terminal, and the server where a client is', async () => {
    const session = inTerminal(place, 80);
    assert.equal(await session.ended, 0);
    assert.match(session.text(), /Usage: claude-kimi-mcp <command>/);
    const hello = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
    };
    for (const words of [[], ['serve']]) {
      const done = spawnSync(process.execPath, [path.join(DIST, 'cli.js'), ...words], {
        cwd: home,
        env: { PATH: process.env.PATH, HOME: home, CLAUDE_KIMI_HOME: place.state },
        encoding: 'utf8',
        input: `${JSON.stringify(hello)}\n`,
        timeout: 20_000,
      });
      assert.equal(done.status, 0, done.stderr);
      assert.equal(JSON.parse(done.stdout.split('\n')[0] ?? '').result.serverInfo.name, 'claude-kimi-mcp');
    }
  });

  it('say where they cannot work, and what to do', async () => {
    const plain = path.join(home, 'plain');
    mkdirSync(plain);
    const repo = path.join(home, 'repo');
    makeRepository(repo);
    for (const command of ['list', 'show', 'log', 'diff', 'merge', 'discard', 'restore', 'resume', 'cancel']) {
      const outside = await cli({ ...place, cwd: plain }, command);
      assert.deepEqual([outside.code, outside.out], [1, ''], command);
      assert.match(outside.err, /plain is not in a git repository\. Go to one, or name one: --repo <folder>\n$/);
      if (command === 'list') continue;
      const empty = await cli({ ...place, cwd: repo }, command);
      assert.deepEqual([empty.code, empty.out], [1, ''], command);
      assert.match(empty.err, /^There is no delegation in .*repo yet\. Claude begins one/);
    }
    assert.deepEqual(await cli({ ...place, cwd: repo }, 'list'), { code: 0, out: '', err: `No delegations in ${repo} yet.\n` });
    assert.deepEqual(await cli({ ...place, cwd: repo }, 'list', '--json'), { code: 0, out: '[]\n', err: '' });
    assert.deepEqual(await cli(place, 'list', '--all'), { code: 0, out: '', err: 'No delegations on this machine yet.\n' });
    assert.deepEqual(await cli(place, 'stats'), { code: 0, out: '', err: 'No attempts yet.\n' });
    assert.match((await cli(place, 'list', '-C', 'nowhere')).err, /^There is no folder .*nowhere\.\n$/);
    assert.deepEqual(await cli(place, 'clean'), { code: 0, out: 'Nothing to remove.\n', err: '' });
  });

  it('break no sentence in the middle of a word, in both languages', async () => {
    const repo = path.join(home, 'narrow');
    makeRepository(repo);
    for (const where of [place, chinese])
      for (const columns of [60, 80])
        for (const words of [['lsit'], ['list'], ['show', 'a-branch'], ['clean'], ['setup', '--key', 'x'], ['log', '--help'], ['stats']]) {
          const session = inTerminal({ ...where, cwd: repo }, columns, ...words);
          await session.ended;
          const whole = await cli({ ...where, cwd: repo }, ...words);
          const text = session.text();
          for (const line of text.split('\n')) assert.ok(widthOf(line) <= columns, `${columns}: ${line}`);
          const inOne = (shown: string) => shown.replaceAll(/\s+/g, '');
          assert.equal(inOne(text), inOne(whole.out + whole.err));
          for (const word of text.split(/\s+/)) assert.ok((whole.out + whole.err).includes(word), word);
        }
  });

  it('tell a git that fails in a sentence', () => {
    const repo = path.join(home, 'broken');
    makeRepository(repo);
    writeFileSync(path.join(home, 'break'), 'for-each-ref');
    const env = { PATH: process.env.PATH, HOME: home, GIT_CALLS: path.join(home, 'calls'), BREAK_GIT: path.join(home, 'break') };
    const preload = ['--require', path.join(import.meta.dirname, '..', 'e2e', 'break-git.cjs')];
    const done = spawnSync(process.execPath, [...preload, path.join(DIST, 'cli.js'), 'list', repo], { env, encoding: 'utf8' });
    const said =
      'git could not do its work in the repository: broken for the test. Look there with git status and git fsck, then try again.\n';
    assert.deepEqual([done.status, done.stdout, done.stderr], [1, '', said]);
  });

  it('end quietly when nobody reads on', async () => {
    const child = spawn(process.execPath, [path.join(DIST, 'cli.js'), '--help'], {
      env: { PATH: process.env.PATH, HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk) => (err += chunk));
    assert.deepEqual([await new Promise((resolve) => child.once('close', resolve)), err], [0, '']);
  });

  it('have colours in a terminal, where nobody forbids or demands them', async () => {
    const isColored = async (env: Record<string, string>) => (await cli({ ...place, env }, '--help')).out.includes('\x1b[');
    assert.equal(await isColored({}), false);
    assert.equal(await isColored({ FORCE_COLOR: '1' }), true);
    assert.equal(await isColored({ FORCE_COLOR: '1', NO_COLOR: '1' }), false);
    const shown = async (env: Record<string, string>) => {
      const session = inTerminal({ ...place, env }, 80, '--help');
      await session.ended;
      return session.raw().includes('\x1b[1m');
    };
    assert.deepEqual([await shown({}), await shown({ NO_COLOR: '1' }), await shown({ TERM: 'dumb' })], [true, false, false]);
  });
});
