import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { listedSchema, statsSchema } from '../../src/cli/json-output.ts';
import { parseLine } from '../../src/delegation/journal/journal.ts';
import { resultSchema } from '../../src/delegation/result/result-schema.ts';
import { delegationFolder, delegationId } from '../../src/delegation/store/delegation-folder.ts';
import { finish, gitIn, makeRepository, makeWorld, read, run, task, type World, write } from '../e2e/world.ts';
import { cli, inTerminal, type Place, placeIn } from './run-cli.ts';

const LONG = `feature/${'a-long-name-'.repeat(10)}end`;
const CHINESE = '修复/购物车';

describe('looking at delegations in the terminal', function () {
  this.timeout(60_000);
  let world: World;
  let place: Place;
  const chinese = () => ({ ...place, env: { ...place.env, LC_ALL: 'zh_CN.UTF-8' } });

  before(async function () {
    this.timeout(120_000);
    const work = [
      read('src/greet.txt'),
      write('src/greet.txt', 'hello world\n'),
      run('echo token=abc123def456ghi; true'),
      write('done.txt', 'done\n'),
    ];
    const done = finish('I wrote done.txt.\n\nIt \x1b[31mworks\u202e.', 'Greet the world');
    const bytes = (name: string, text: string) => run(`printf '${text}' > ${name}`);
    const odd = [
      bytes('wide.txt', '\\377\\376a\\0\\n\\0'),
      bytes('src/greet.txt', '\\326\\320\\316\\304\\316\\304\\274\\376\\n'),
      bytes('evil.txt', 'a\\r\\nshown\\rhidden \\033]0;x\\007\\n'),
    ];
    world = await makeWorld([...work, done, ...work, done, ...work, done, ...odd, done]);
    place = placeIn(world);
    await world.server.call('implement_feature', task(world, 'feature/greeting', { checks: ['grep -q world src/greet.txt'] }));
    await world.server.call('implement_feature', task(world, LONG, { checks: ['echo broken; false'] }));
    await world.server.call('fix_bug', { repo_path: world.repo, branch_name: CHINESE, bug_description: '购物车的总数不对。' });
  });
  after(() => world.close());

  it('list: the newest first, aligned, from any folder of the repository', async () => {
    const { code, out, err } = await cli({ ...place, cwd: path.join(world.repo, 'src') }, 'list');
    assert.deepEqual([code, err], [0, '']);
    const [head = '', ...lines] = out.trimEnd().split('\n');
    assert.match(head, /^BRANCH +STATE +CHECKS +CHANGE +COST +WHEN$/);
    assert.deepEqual(
      lines.map((line) => line.split(/ {2,}/).slice(0, 2)),
      [
        [CHINESE, 'not verified'],
        [LONG, 'not verified'],
        ['feature/greeting', 'ready'],
      ],
    );
    assert.match(lines[2]!, /ready +checks pass +\+2 −1 +<\$0\.01 +(just now|\d+ min ago)$/);
    assert.match((await cli(chinese(), 'list')).out, /^分支 +状态 .*\n修复\/购物车 +未经验证/);
    assert.equal(world.git('status', '--porcelain'), '');
  });

  it('list: one line for each in terminals of 80 and 40 columns', async () => {
    for (const columns of [80, 40]) {
      const session = inTerminal(place, columns, 'list');
      assert.equal(await session.ended, 0);
      const lines = session.text().trimEnd().split('\n');
      assert.equal(lines.length, 4);
      assert.match(lines[2]!, /^feature\/a-long-name.*… {2}not verified/);
      assert.match(lines[3]!, /^feature\/greeting +ready/);
    }
  });

  it('list --json and --all: for scripts, and of every repository', async () => {
    const { code, out, err } = await cli(place, 'list', '--json');
    assert.deepEqual([code, err], [0, '']);
    const listed = z.array(listedSchema).parse(JSON.parse(out));
    assert.deepEqual(
      listed.map(({ branch, state, outcome, added }) => [branch, state, outcome, added]),
      [
        [CHINESE, 'ended', 'unverified', 2],
        [LONG, 'ended', 'unverified', 2],
        ['feature/greeting', 'ended', 'ready', 2],
      ],
    );
    assert.equal(listed[2]!.tip, world.git('rev-parse', 'feature/greeting'));
    const elsewhere = { ...place, cwd: world.folder };
    assert.match((await cli(elsewhere, 'list', '--all')).out, new RegExp(`\\n${world.repo}\\n  ${CHINESE} `));
    assert.match((await cli(elsewhere, 'list')).err, new RegExp(`There are delegations in ${world.repo}: go there, name one with --repo`));
    assert.equal(JSON.parse((await cli(elsewhere, 'list', '-C', 'repo', '--json')).out).length, 3);
    const other = path.join(world.folder, 'without');
    makeRepository(other);
    assert.equal(
      (await cli({ ...place, cwd: other }, 'list')).err,
      `No delegations in ${other} yet. Those of other repositories: claude-kimi-mcp list --all\n`,
    );
  });

  it('show: the report for a reader', async () => {
    const { code, out, err } = await cli(place, 'show', 'feature/greeting');
    assert.deepEqual([code, err], [0, '']);
    for (const line of [
      /^feature\/greeting {2}ready\n {2}Write done\.txt/,
      /^Checks \(before → after\)\n {2}grep -q world src\/greet\.txt {2}exit 1 → pass {2}failed before, passes now$/m,
      /^Files {2}2 · \+2 −1\n {2}A {2}done\.txt +\+1 −0\n {2}M {2}src\/greet\.txt +\+1 −1$/m,
      /^What Kimi says \(not verified\)\n {2}I wrote done\.txt\.\n\n {2}It \[31mworks\\u\{202e\}\.$/m,
      /^ {2}attempt 1 of 2: 5 steps, \d+s\n {2}cost \$0\.\d{4}: [\d,]+ tokens in \(\d+% from the cache\), \d+ out$/m,
      /^ {2}claude-kimi-mcp merge feature\/greeting +take the work$/m,
    ])
      assert.match(out, line);
    assert.match(
      (await cli(place, 'show', LONG)).out,
      /^The end of what echo broken; false printed\n {2}broken$|^ {2}echo broken; false {2}exit 1 → exit 1 {2}fails as before$/m,
    );
    const translated = (await cli(chinese(), 'show', 'feature/greeting')).out;
    assert.match(translated, /^检查（之前 → 之后）\n.*退出码 1 → 通过 {2}之前失败，现在通过$/m);
    assert.match(translated, /claude-kimi-mcp merge feature\/greeting +采用成果/);
    assert.match(translated, /^文件 {2}2 · \+2 −1$/m);
    assert.match(translated, /^ {2}src\/greet\.txt +[\d.]+ KiB {2}任务、read_file，\d 次$/m);
  });

  it('show: what can be done next, each with what it does beside it or below it', async () => {
    for (const [columns, next] of [
      [80, / {2}claude-kimi-mcp merge feature\/greeting {4}take the work\n {2}claude-kimi-mcp discard feature\/greeting {2}put/],
      [50, / {2}claude-kimi-mcp merge feature\/greeting\n {4}take the work\n {2}claude-kimi-mcp discard feature\/greeting\n {4}put/],
    ] as const) {
      const session = inTerminal(place, columns, 'show', 'feature/greeting');
      assert.equal(await session.ended, 0);
      assert.match(session.text(), next);
    }
  });

  it('show --json: what result.json holds', async () => {
    const { code, out, err } = await cli(place, 'show', 'feature/greeting', '--json');
    assert.deepEqual([code, err], [0, '']);
    const result = resultSchema.parse(JSON.parse(out));
    assert.deepEqual([result.branch, result.outcome, result.steps], ['feature/greeting', 'ready', 5]);
    assert.deepEqual(JSON.parse((await cli(place, 'show', 'feature/greeting', '--attempt', '1', '--json')).out), JSON.parse(out));
    const missing = await cli(place, 'show', 'feature/greeting', '--attempt', '2', '--json');
    assert.deepEqual(missing, { code: 1, out: '', err: 'There is no attempt 2 on feature/greeting. Its attempts: 1\n' });
  });

  it('log: the story, with the cost of each step and without secrets', async () => {
    const { code, out, err } = await cli(place, 'log', 'feature/greeting');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Attempt 1: feature, kimi-k2\.6, .*\nWrite done\.txt with the word done\.\n/);
    assert.match(out, /^ +0:\d\d +2 {2}write_file src\/greet\.txt {2}.+ {2}\$0\.\d{4}$/m);
    assert.match(out, /^ +0:\d\d +3 {2}\$ echo token=\(hidden\) true {2}exit 0 in|^ +0:\d\d +3 {2}\$ echo token=\(hidden\)/m);
    assert.doesNotMatch(out, /abc123def456/);
    assert.match(out, /check of the result: grep -q world src\/greet\.txt {2}pass$/m);
    assert.match(out, /ready after 5 steps, \d+s, \$0\.\d{4}\n$/);
    assert.match((await cli(chinese(), 'log', CHINESE)).out, /^第 1 次尝试：缺陷修复，[\s\S]*未经验证：5 步/);
    assert.deepEqual(await cli(place, 'log', '-f', 'feature/greeting'), { code, out, err });
  });

  it('log: one line a step in a terminal, however narrow', async () => {
    for (const columns of [80, 40]) {
      const session = inTerminal(place, columns, 'log', 'feature/greeting');
      assert.equal(await session.ended, 0);
      const lines = session.text().split('\n');
      assert.ok(
        lines.every((line) => line.length <= columns),
        session.text(),
      );
      assert.ok(lines.some((line) => /^ +0:\d\d +4 {2}write_file/.test(line)));
      assert.equal(/\$0\.\d{4}$/m.test(lines.find((line) => /write_file/.test(line)) ?? ''), columns === 80);
    }
  });

  it('log --json: the events, one a line', async () => {
    const { out } = await cli(place, 'log', 'feature/greeting', '--json');
    const events = out
      .trimEnd()
      .split('\n')
      .map((line) => parseLine(line));
    assert.ok(events.every((event) => event !== null));
    assert.deepEqual([events[0]?.type, events.at(-1)?.type], ['start', 'end']);
  });

  it('diff: as git shows it, whole, in parts and for some paths', async () => {
    const { code, out } = await cli(place, 'diff', 'feature/greeting');
    assert.equal(code, 0);
    assert.equal(out.trimEnd(), gitIn(world.repo, 'diff', 'main', 'feature/greeting'));
    assert.equal((await cli(place, 'diff', 'feature/greeting', '--name-only')).out, 'done.txt\nsrc/greet.txt\n');
    assert.match((await cli(place, 'diff', 'feature/greeting', '--stat')).out, /2 files changed, 2 insertions\(\+\), 1 deletion\(-\)/);
    const inFolder = { ...place, cwd: path.join(world.repo, 'src') };
    assert.equal((await cli(inFolder, 'diff', 'feature/greeting', '--name-only', '--', 'greet.txt')).out, 'src/greet.txt\n');
    assert.match((await cli(place, 'diff', 'feature/greeting', '--stat', '--name-only')).err, /^Give --stat or --name-only, not both\./);
    const gitDir = { ...place, env: { ...place.env, GIT_DIR: '/nowhere', GIT_WORK_TREE: '/nowhere' } };
    assert.equal((await cli(gitDir, 'diff', 'feature/greeting', '--name-only')).out, 'done.txt\nsrc/greet.txt\n');
  });

  it('diff: with the pager of the user in a terminal, and with none in a pipe', async () => {
    const paged = { ...place, env: { ...place.env, GIT_PAGER: "sed 's/^/PAGED /'" } };
    const session = inTerminal(paged, 80, 'diff', 'feature/greeting', '--name-only');
    assert.equal(await session.ended, 0);
    assert.match(session.text(), /^PAGED .*done\.txt\n/);
    assert.equal((await cli(paged, 'diff', 'feature/greeting', '--name-only')).out, 'done.txt\nsrc/greet.txt\n');
  });

  it('diff: with no program that only the configuration of the repository names', async () => {
    const ran = path.join(world.folder, 'ran');
    const evil = path.join(world.folder, 'evil.sh');
    writeFileSync(evil, `#!/bin/sh\necho "$*" >> '${ran}'\ncat\n`, { mode: 0o755 });
    const attributes = path.join(world.repo, '.git/info/attributes');
    mkdirSync(path.dirname(attributes), { recursive: true });
    writeFileSync(attributes, '* diff=x filter=x\n');
    const named = ['diff.external', 'diff.x.command', 'diff.x.textconv', 'filter.x.smudge', 'core.pager', 'pager.diff'];
    for (const key of named) world.git('config', key, evil);
    const plain = await cli(place, 'diff', 'feature/greeting');
    const session = inTerminal({ ...place, env: { ...place.env, PAGER: 'cat' } }, 80, 'diff', 'feature/greeting');
    const code = await session.ended;
    for (const key of named) world.git('config', '--unset', key);
    rmSync(attributes);
    assert.deepEqual([plain.code, code, existsSync(ran) ? readFileSync(ran, 'utf8') : null], [0, 0, null]);
    assert.match(plain.out, /^\+done$/m);
    assert.match(session.text(), /\+done/);
  });

  it('stats: what the results know, and no more', async () => {
    const { code, out, err } = await cli(place, 'stats');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Delegations: 3 \(merged 0, discarded 0\), attempts: 3\n {2}\$0\.\d{4}, 15 steps, \d+s of work\n/);
    assert.match(out, /^How they ended\n {2}not verified {2}2\n {2}ready +1$/m);
    assert.match(
      out,
      /^By kind\n {2}feature {2}attempts: 2 {2}proven: 1, later: 0 {2}fallback: 0 {2}\$0\.\d{4}\n {2}bug fix {2}attempts: 1 {2}proven: 0, later: 0 {2}fallback: 0 {2}\$0\.\d{4}$/m,
    );
    assert.match(out.replace(/\s+/g, ' '), /known for 0 of 3 delegations, and an estimate, as Claude might have needed other tokens\. $/);
    const stats = statsSchema.parse(JSON.parse((await cli(place, 'stats', '--json', '--days', '1')).out));
    assert.deepEqual(
      [stats.all.attempts, stats.all.outcomes, stats.byModel.map(({ name }) => name)],
      [3, { ready: 1, unverified: 2 }, ['kimi-k2.6']],
    );
    assert.equal(stats.all.costUnknown, 0);
    const other = path.join(world.folder, 'other');
    makeRepository(other);
    assert.equal((await cli(place, 'stats', '--repo', other)).err, 'No attempts yet.\n');
  });

  it('ask which branch is meant, and name near ones', async () => {
    const which = await cli(place, 'show');
    assert.deepEqual([which.code, which.out], [2, '']);
    assert.match(which.err, new RegExp(`^Which branch\\? Delegations exist on ${CHINESE}, ${LONG}, feature/greeting\\.\n`));
    assert.match(
      (await cli(place, 'show', 'feature/greting')).err,
      /^There is no delegation on "feature\/greting"\. Did you mean feature\/greeting\?\n$/,
    );
    assert.match((await cli(place, 'show', 'main')).err, /^main is a branch of this repository, but nothing was delegated on it\./);
    const hostile = await cli(place, 'show', 'x\x1b]0;title\x07\u202ey');
    assert.match(hostile.err, /^There is no delegation on "x\\x1b\]0;title\\x07\\u\{202e\}y"/);
    assert.match((await cli(place, 'show', 'zzz')).err, /^There is no delegation on "zzz"\. Delegations exist on /);
    assert.match((await cli(place, 'show', 'refs/heads/feature/greeting')).out, /^feature\/greeting {2}ready/);
    world.git('switch', '-q', 'feature/greeting');
    assert.match((await cli(place, 'show')).out, /^feature\/greeting {2}ready/);
    world.git('switch', '-q', 'main');
  });

  it('tell state that is damaged, and still show the rest', async () => {
    const damaged = delegationFolder(place.state, delegationId(path.join(world.repo, '.git'), 'feature/damaged'));
    mkdirSync(path.join(damaged.attempts, '001'), { recursive: true });
    const identity = {
      version: 1,
      id: damaged.id,
      commonDir: path.join(world.repo, '.git'),
      repository: world.repo,
      branch: 'feature/damaged',
      createdAt: '2026-01-01T00:00:00.000Z',
    };
    writeFileSync(damaged.identity, JSON.stringify(identity));
    writeFileSync(path.join(damaged.attempts, '001', 'journal.jsonl'), '{"at":1,"type":"sta');
    const nameless = delegationFolder(place.state, 'f00f00f00f00f00f');
    mkdirSync(nameless.attempts, { recursive: true });
    writeFileSync(nameless.identity, '{"version":1,');
    const { code, out, err } = await cli(place, 'list');
    assert.equal(code, 0);
    assert.match(err, new RegExp(`^${nameless.identity} cannot be read, .* remove ${nameless.root}\\. Branches stay\\.$`, 'm'));
    assert.match((await cli(chinese(), 'list', '--json')).err, new RegExp(`^无法读取 ${nameless.identity}，`));
    assert.match(out, /^feature\/damaged +never started/m);
    assert.match(out, /^feature\/greeting +ready/m);
    assert.match(
      (await cli(place, 'show', 'feature/damaged')).out,
      /never started\n\nNo attempt was begun on it, or its records cannot be read\./,
    );
    const told = await cli(place, 'log', 'feature/damaged');
    const nothing = /^There is no story to tell: nothing of .*001\/journal\.jsonl can be read\. The branch is as it was; .*\n$/;
    assert.deepEqual([told.code, told.out], [1, '']);
    assert.match(told.err, nothing);
    for (const text of ['', '\0\0\0\n', `${'{"at":1,"typ\n'.repeat(3)}`]) {
      writeFileSync(path.join(damaged.attempts, '001', 'journal.jsonl'), text);
      for (const words of [[], ['--json'], ['--attempt', '1'], ['-f']]) {
        const one = await cli(place, 'log', 'feature/damaged', ...words);
        assert.deepEqual([one.code, one.out], [1, ''], JSON.stringify([text, words]));
        assert.match(one.err, nothing);
      }
    }
    const { out: cleaned, err: kept } = await cli(place, 'clean', '--dry-run');
    assert.match(
      kept,
      new RegExp(`^Kept, because ${nameless.identity} cannot be read.* remove ${nameless.root}\\. Branches stay\\.$`, 'm'),
    );
    assert.doesNotMatch(cleaned, /cannot be read/);
    assert.match((await cli(place, 'diff', 'feature/damaged')).err, /^There is no change to show/);
    assert.match((await cli(place, 'merge', 'feature/damaged', '--yes')).err, /^There is nothing to merge/);
  });

  it('log: in Chinese to its last word, but for what others wrote', async () => {
    const { out } = await cli(chinese(), 'log', 'feature/greeting');
    for (const line of [
      /read_file src\/greet\.txt {2}1 行/,
      /write_file src\/greet\.txt {2}覆盖，1 行/,
      /true {2}退出码 0，用时 [\d.]+s/,
      /新建，1 行/,
      /已完成/,
    ])
      assert.match(out, line);
    assert.doesNotMatch(out, / {2}(exit|pass|\d+ lines?|created|overwrote|finished)\b/);
  });

  it('log: names the lines that are damaged, and tells the rest', async () => {
    const { attempts } = delegationFolder(place.state, delegationId(path.join(world.repo, '.git'), 'feature/greeting'));
    const journal = path.join(attempts, '001', 'journal.jsonl');
    const whole = readFileSync(journal, 'utf8');
    const sound = (await cli(place, 'log', 'feature/greeting')).out.split('\n');
    const lines = whole.split('\n');
    const at = lines.findIndex((line) => line.includes('"tool_end"'));
    const message = lines.findIndex((line) => line.includes('"type":"message"'));
    lines[0] = '\0'.repeat(40);
    lines[at] = lines[at]!.slice(0, 30);
    lines[message] = lines[message]!.slice(0, 60);
    try {
      writeFileSync(journal, lines.join('\n'));
      const { code, out, err } = await cli(place, 'log', 'feature/greeting');
      assert.equal(code, 0);
      const numbers = [0, message, at].map((line) => line + 1).sort((a, b) => a - b);
      assert.match(err, new RegExp(`^Damaged and left out: line ${numbers.join(', ')} of ${journal}\\. The rest is shown`));
      const left = out.trimEnd().split('\n');
      assert.equal(left.length, sound.length - 4); // the two lines of the head, a step, and the end of the text
      assert.match(left.at(-1)!, /ready after 5 steps/);
      const json = await cli(place, 'log', 'feature/greeting', '--json');
      assert.equal(json.err, err);
      for (const line of json.out.trimEnd().split('\n')) assert.ok(parseLine(line));
    } finally {
      writeFileSync(journal, whole);
    }
  });

  it('diff: in a terminal as texts, whatever the encoding, and without what a terminal obeys; in a pipe as git has it', async () => {
    await world.server.call('implement_feature', task(world, 'feature/odd'));
    for (const pager of ['cat', 'sed s/^/PAGED/']) {
      const session = inTerminal({ ...place, env: { ...place.env, GIT_PAGER: pager } }, 80, 'diff', 'feature/odd');
      assert.equal(await session.ended, 0);
      const raw = session.raw().replaceAll('\r\n', '\n');
      assert.match(raw, /\+.*shown\\x0dhidden \\x1b\]0;x\\x07/);
      assert.match(raw, /\+.*中文文件/);
      assert.match(raw, /\+\+\+ b\/wide\.txt[^@]*@@ -0,0 \+1 @@[^\n]*\n[^\n]*\+[^\n]*a/);
      assert.match(raw, /\x1b\[32m\+/, 'with colours');
      assert.match(raw, /^src\/greet\.txt: written as utf-8 before, as gbk now\.$/m);
      assert.doesNotMatch(raw, /\x1b(?!\[[\d;]*[mK])|\x07/);
    }
    const stat = inTerminal({ ...place, env: { ...place.env, GIT_PAGER: 'cat' } }, 80, 'diff', 'feature/odd', '--stat', '--', 'wide.txt');
    assert.equal(await stat.ended, 0);
    assert.match(stat.text(), /wide\.txt \| 1 \+\n 1 file changed, 1 insertion/);
    assert.doesNotMatch(stat.text(), /greet/);
    assert.match((await cli(place, 'diff', 'feature/odd')).out, /^Binary files \/dev\/null and b\/wide\.txt differ$/m);
  });
});
