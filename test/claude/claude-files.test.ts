import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claudeFiles, readText, writeChange } from '../../src/claude/claude-files.ts';
import { rulesBlock, withoutRules, withRules } from '../../src/claude/claude-md-rules.ts';
import { ALLOW_RULES, ALLOWED_TOOLS, planPermissions, planPermissionsOf } from '../../src/claude/permissions.ts';
import { readRegistered } from '../../src/claude/registration.ts';
import {
  addRules,
  allowTools,
  disallowTools,
  holdsRules,
  isConnected,
  planRules,
  readRecord,
  removeRules,
  updateRecord,
} from '../../src/claude/setup-record.ts';
import { OUTCOME_RULES, OUTCOMES } from '../../src/delegation/result/outcomes.ts';
import { instructions } from '../../src/mcp/instructions.ts';
import { openEnvStore } from '../../src/setup/env-store.ts';
import { english } from '../messages/english.ts';

describe("what setup writes into Claude Code's files", () => {
  let home: string;
  let stateDir: string;
  let settings: string;
  let memory: string;

  beforeEach(() => {
    home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-claude-')));
    stateDir = path.join(home, 'state');
    ({ settings, memory } = claudeFiles({}, home));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const put = (file: string, text: string) => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const rulesOf = () => JSON.parse(readFileSync(settings, 'utf8')).permissions.allow;

  it('waits for nothing that a repository laid in the place of its files: links to devices and pipes', function () {
    if (process.platform === 'win32') this.skip();
    this.timeout(10_000);
    const pipe = path.join(home, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const [name, target] of Object.entries({ '.mcp.json': '/dev/zero', 'CLAUDE.md': pipe })) {
      const file = path.join(home, name);
      symlinkSync(target, file);
      assert.throws(() => readText(file), /no ordinary file/);
      assert.equal(holdsRules(file), false);
    }
    assert.equal(readText(path.join(home, 'absent')), null);
    const { user, problems } = readRegistered(claudeFiles({}, home), [home]);
    assert.deepEqual([user, problems.length], [null, 1]);
  });

  it('looks where CLAUDE_CONFIG_DIR says', () => {
    assert.deepEqual(claudeFiles({}, '/home/ann'), {
      state: '/home/ann/.claude.json',
      settings: '/home/ann/.claude/settings.json',
      memory: '/home/ann/.claude/CLAUDE.md',
      projects: '/home/ann/.claude/projects',
    });
    assert.equal(claudeFiles({ CLAUDE_CONFIG_DIR: '/cfg' }, '/home/ann').state, '/cfg/.claude.json');
    assert.equal(claudeFiles({ CLAUDE_CONFIG_DIR: '/cfg' }, '/home/ann').settings, '/cfg/settings.json');
  });

  it('reads what Claude Code reads: the file of an older one where there is one, and behind a byte order mark', () => {
    const entry = (command: string) => JSON.stringify({ mcpServers: { 'kimi-agent': { command } } });
    const commands = () => {
      const { user, shadows } = readRegistered(claudeFiles({}, home), [home]);
      return [user?.command, ...shadows.map(({ command }) => command?.command)];
    };
    writeFileSync(path.join(home, '.claude.json'), `\ufeff${entry('/newer')}`);
    writeFileSync(path.join(home, '.mcp.json'), `\ufeff${entry('/project')}`);
    assert.deepEqual(commands(), ['/newer', '/project']);
    mkdirSync(path.join(home, '.claude'), { recursive: true });
    writeFileSync(path.join(home, '.claude/.config.json'), entry('/older'));
    assert.deepEqual(commands(), ['/older', '/project']);
  });

  it('allows every tool that an answer asks for, but those for which the user must agree', () => {
    const asked = OUTCOMES.flatMap((outcome) => OUTCOME_RULES[outcome].next.match(/[a-z]+_delegation\b/g) ?? []);
    assert.ok(asked.includes('resume_delegation'));
    const decisions = ['merge_delegation', 'discard_delegation', 'restore_delegation'];
    for (const tool of asked) assert.notEqual((ALLOWED_TOOLS as readonly string[]).includes(tool), decisions.includes(tool), tool);
  });

  it('allows the tools that work and look, and never merge or discard', () => {
    assert.deepEqual(ALLOW_RULES, [
      'mcp__kimi-agent__implement_feature',
      'mcp__kimi-agent__write_tests',
      'mcp__kimi-agent__fix_bug',
      'mcp__kimi-agent__resume_delegation',
      'mcp__kimi-agent__get_delegation',
      'mcp__kimi-agent__cancel_delegation',
      'mcp__kimi-agent__delegation_diff',
    ]);
    assert.deepEqual(allowTools(stateDir, settings, 0), { ok: true, plan: ALLOW_RULES });
    assert.deepEqual(rulesOf(), ALLOW_RULES);
    assert.equal(statSync(settings).mode & 0o777, 0o600);
  });

  it('adds nothing twice, nor what a broader rule allows', () => {
    put(settings, '{"permissions": {"allow": ["mcp__kimi-agent__fix_bug"]}}');
    assert.deepEqual(allowTools(stateDir, settings, 0), { ok: true, plan: ALLOW_RULES.filter((rule) => !rule.endsWith('fix_bug')) });
    const once = readFileSync(settings, 'utf8');
    assert.deepEqual(allowTools(stateDir, settings, 1), { ok: true, plan: [] });
    assert.equal(readFileSync(settings, 'utf8'), once);
    for (const broad of ['mcp__kimi-agent', 'mcp__kimi-agent__*']) {
      const planned = planPermissions(JSON.stringify({ permissions: { allow: [broad] } }), settings);
      assert.ok(planned.ok && planned.plan.missing.length === 0);
    }
  });

  it("shows rules of the user's that stand against it", () => {
    const text = JSON.stringify({ permissions: { deny: ['mcp__kimi-agent__fix_bug'], ask: ['mcp__kimi-agent'] } });
    const planned = planPermissions(text, settings);
    assert.deepEqual(planned.ok && planned.plan.against, [
      { list: 'deny', rule: 'mcp__kimi-agent__fix_bug' },
      { list: 'ask', rule: 'mcp__kimi-agent' },
    ]);
  });

  it('undoes it byte for byte, whatever form the file had', () => {
    for (const text of ['{ "permissions" : {"allow":[ ] } ,"x":1}', '{}', '{"permissions":{"allow":["mcp__kimi-agent__fix_bug"]}}']) {
      put(settings, text);
      allowTools(stateDir, settings, 0);
      assert.notEqual(readFileSync(settings, 'utf8'), text);
      assert.deepEqual(disallowTools(stateDir, 1), { ok: true, plan: true });
      assert.equal(readFileSync(settings, 'utf8'), text);
    }
    rmSync(settings);
    allowTools(stateDir, settings, 2);
    disallowTools(stateDir, 3);
    assert.ok(!existsSync(settings));
    assert.deepEqual(disallowTools(stateDir, 4), { ok: true, plan: false });
  });

  it("undoes only its own when the file was changed meanwhile, and keeps rules that were the user's", () => {
    put(settings, '{"permissions": {"allow": ["mcp__kimi-agent__fix_bug", "Read"]}}');
    allowTools(stateDir, settings, 0);
    const changed = JSON.parse(readFileSync(settings, 'utf8'));
    put(settings, JSON.stringify({ ...changed, model: 'opus' }, null, 4));
    disallowTools(stateDir, 1);
    assert.equal(
      readFileSync(settings, 'utf8'),
      JSON.stringify({ permissions: { allow: ['mcp__kimi-agent__fix_bug', 'Read'] }, model: 'opus' }, null, 4),
    );
  });

  it('brings no rules back to life that another of the same key had switched off', () => {
    put(settings, '{"permissions": {"allow": ["Bash(*)"]}, "permissions": {}}');
    allowTools(stateDir, settings, 0);
    writeFileSync(settings, `${readFileSync(settings, 'utf8')}\n`);
    assert.deepEqual(disallowTools(stateDir, 1), { ok: true, plan: true });
    assert.equal(rulesOf(), undefined);
  });

  it('undoes it without its backup too, and deletes no file for want of one', () => {
    put(settings, '{"model": "opus"}');
    allowTools(stateDir, settings, 0);
    rmSync(path.join(stateDir, 'backups'), { recursive: true });
    disallowTools(stateDir, 1);
    assert.deepEqual(JSON.parse(readFileSync(settings, 'utf8')), { model: 'opus' });
  });

  it('changes nothing in a file of another encoding, of which every other letter would be lost with its backup', async () => {
    mkdirSync(path.dirname(memory), { recursive: true });
    mkdirSync(stateDir);
    const inGbk = Buffer.from([0xcf, 0xee, 0xc4, 0xbf]);
    const block = Buffer.from(`\n${rulesBlock('en')}\n`);
    const env = path.join(stateDir, '.env');
    updateRecord(stateDir, {
      permissions: { file: settings, added: [...ALLOW_RULES], backup: null, written: '' },
      env: { previous: { KIMI_MODEL: null }, created: false, written: '' },
    });
    const store = openEnvStore(stateDir);
    const cases: readonly [string, Buffer, () => unknown][] = [
      [memory, inGbk, () => planRules(memory, 'zh-cn')],
      [memory, Buffer.from('\ufeff# Mine\n', 'utf16le'), () => planRules(memory, 'en')],
      [memory, Buffer.concat([inGbk, block]), () => removeRules(stateDir, memory, 0)],
      [settings, Buffer.concat([Buffer.from('{"a": "'), inGbk, Buffer.from('"}')]), () => allowTools(stateDir, settings, 0)],
      [settings, Buffer.concat([Buffer.from('{"a": "'), inGbk, Buffer.from('"}')]), () => disallowTools(stateDir, 0)],
      [env, Buffer.concat([Buffer.from('# '), inGbk, Buffer.from('\nKIMI_MODEL=x\n')]), () => store.key.store('sk-0123456789')],
      [
        env,
        Buffer.concat([Buffer.from('# '), inGbk, Buffer.from('\nKIMI_MODEL=x\n')]),
        () => store.settings.takeBack(Object.keys(store.settings.written())),
      ],
      [env, Buffer.concat([Buffer.from('# '), inGbk, Buffer.from('\n')]), async () => store.adopt('KIMI_API_KEY=sk-1\n', () => true)],
    ];
    for (const [file, bytes, act] of cases) {
      writeFileSync(file, bytes);
      await assert.rejects(async () => act(), /is not in UTF-8/);
      assert.deepEqual(readFileSync(file), bytes);
    }
    writeFileSync(settings, cases[3]![1]);
    const planned = planPermissionsOf(settings);
    assert.match(planned.ok ? '' : english(planned.reason), /is not in UTF-8/);
  });

  it('leaves a broken file as it is, and says where it is broken', () => {
    put(settings, '{\n  "permissions": {\n    "allow": [],\n  }\n}');
    const answer = allowTools(stateDir, settings, 0);
    assert.ok(!answer.ok);
    assert.match(english(answer.reason), /settings\.json is not valid JSON \(.*line 4, column 3\).*left as it was/);
    assert.equal(readFileSync(settings, 'utf8'), '{\n  "permissions": {\n    "allow": [],\n  }\n}');
    assert.equal(readRecord(stateDir).permissions, null);
  });

  it('writes through a symbolic link, keeps the mode, keeps a backup, leaves nothing beside', () => {
    const real = path.join(home, 'dotfiles/settings.json');
    put(real, '{}');
    chmodSync(real, 0o644);
    mkdirSync(path.dirname(settings), { recursive: true });
    symlinkSync(real, settings);
    allowTools(stateDir, settings, 0);
    assert.ok(lstatSync(settings).isSymbolicLink());
    assert.equal(statSync(real).mode & 0o777, 0o644);
    assert.deepEqual(readdirSync(path.dirname(real)), ['settings.json']);
    const [backup] = readdirSync(path.join(stateDir, 'backups'));
    assert.equal(readFileSync(path.join(stateDir, 'backups', backup!), 'utf8'), '{}');
    assert.equal(statSync(path.join(stateDir, 'backups', backup!)).mode & 0o777, 0o600);
  });

  it('leaves a file to whom it belongs, when root writes it', function () {
    if (process.getuid?.() !== 0) return this.skip();
    mkdirSync(path.dirname(settings), { recursive: true });
    writeFileSync(settings, '{}', { mode: 0o600 });
    chownSync(settings, 1234, 1234);
    assert.ok(allowTools(stateDir, settings, 0).ok);
    const { uid, gid, mode } = statSync(settings);
    assert.deepEqual([uid, gid, mode & 0o777], [1234, 1234, 0o600]);
  });

  it('writes nothing over a file that somebody else changed meanwhile', () => {
    put(settings, '{"a": 1}');
    assert.throws(() => writeChange({ file: settings, before: '{}', after: '{"b": 2}' }, stateDir, 0), /changed meanwhile/);
    assert.equal(readFileSync(settings, 'utf8'), '{"a": 1}');
  });

  it('adds the rules to CLAUDE.md once, in either language, and takes them out again', () => {
    for (const text of [null, '', '# Mine\n', '# Mine', '# Mine\r\n\r\nText\r\n', '# Mine\n\n']) {
      if (text === null) rmSync(memory, { force: true });
      else put(memory, text);
      addRules(stateDir, planRules(memory, 'en'), 0);
      const english = readFileSync(memory, 'utf8');
      assert.ok(english.replaceAll('\r', '').includes(rulesBlock('en')));
      assert.equal(planRules(memory, 'en').after, english);
      addRules(stateDir, planRules(memory, 'zh-cn'), 1);
      const chinese = readFileSync(memory, 'utf8');
      assert.ok(chinese.replaceAll('\r', '').includes(rulesBlock('zh-cn')) && !chinese.includes('Delegate implementation'));
      removeRules(stateDir, memory, 2);
      assert.equal(existsSync(memory) ? readFileSync(memory, 'utf8') : null, text);
    }
  });

  it('keeps what the user wrote around the rules', () => {
    put(memory, '# Before\n');
    addRules(stateDir, planRules(memory, 'en'), 0);
    writeFileSync(memory, `${readFileSync(memory, 'utf8')}\n# After\n`);
    removeRules(stateDir, memory, 1);
    assert.equal(readFileSync(memory, 'utf8'), '# Before\n\n# After\n');
  });

  it('takes back only its own where the user wrote something between two writes of ours', () => {
    for (const first of [null, '# Mine\n']) {
      if (first === null) rmSync(memory, { force: true });
      else put(memory, first);
      addRules(stateDir, planRules(memory, 'en'), 0);
      writeFileSync(memory, `${readFileSync(memory, 'utf8')}\n# Written since\n`);
      addRules(stateDir, planRules(memory, 'zh-cn'), 1);
      addRules(stateDir, planRules(memory, 'en'), 2);
      removeRules(stateDir, memory, 3);
      assert.match(readFileSync(memory, 'utf8'), /# Written since/);
      assert.equal(holdsRules(memory), false);
    }
    for (const first of [null, '{"model": "opus"}']) {
      rmSync(settings, { force: true });
      updateRecord(stateDir, { permissions: null });
      if (first !== null) put(settings, first);
      allowTools(stateDir, settings, 0);
      const parsed = JSON.parse(readFileSync(settings, 'utf8'));
      const some = rulesOf().slice(1); // as an older version, which knew fewer tools, had left it
      put(settings, JSON.stringify({ ...parsed, hooks: { Stop: [] }, permissions: { allow: some } }));
      allowTools(stateDir, settings, 1);
      assert.deepEqual(disallowTools(stateDir, 2), { ok: true, plan: true });
      const left = JSON.parse(readFileSync(settings, 'utf8'));
      assert.deepEqual(left, { ...(first && JSON.parse(first)), hooks: { Stop: [] } });
    }
  });

  it('takes nothing of the user for its own where the end of an older block got lost', () => {
    const broken = `# Mine\n\n${rulesBlock('en').split('\n').slice(0, -1).join('\n')}\n\n# Behind\n`;
    put(memory, broken);
    addRules(stateDir, planRules(memory, 'en'), 0);
    writeFileSync(memory, `${readFileSync(memory, 'utf8')}\n# At the end\n`);
    addRules(stateDir, planRules(memory, 'zh-cn'), 1);
    assert.match(readFileSync(memory, 'utf8'), /# Mine[\s\S]*# Behind[\s\S]*# At the end/);
    removeRules(stateDir, memory, 2);
    assert.equal(readFileSync(memory, 'utf8'), `${broken}\n# At the end\n`);
  });

  it('knows whether Claude Code is connected: by its own file or, when that cannot be read, by the record', () => {
    const files = claudeFiles({}, home);
    assert.equal(isConnected(stateDir, files), false);
    put(files.state, JSON.stringify({ mcpServers: { 'kimi-agent': { command: '/x' } } }));
    assert.equal(isConnected(stateDir, files), true);
    updateRecord(stateDir, { connected: { at: 'now', place: null } });
    put(files.state, '{}');
    assert.equal(isConnected(stateDir, files), false, 'removed in a terminal');
    put(files.state, '{ broken');
    assert.equal(isConnected(stateDir, files), true);
  });

  it('finds its permission rules without the record too', () => {
    put(settings, '{"permissions":{"allow":["Read"]}}');
    allowTools(stateDir, settings, 0);
    rmSync(path.join(stateDir, 'setup.json'));
    assert.deepEqual(disallowTools(stateDir, 1), { ok: true, plan: false });
    assert.deepEqual(disallowTools(stateDir, 1, settings), { ok: true, plan: true });
    assert.deepEqual(rulesOf(), ['Read']);
  });

  it('has five points in both languages, the last by the disclosure setting', () => {
    for (const language of ['en', 'zh-cn'] as const) {
      const [silent, open] = (['silent', 'open'] as const).map((disclosure) => rulesBlock(language, disclosure).split('\n'));
      for (const lines of [silent!, open!]) assert.equal(lines.filter((line) => line.startsWith('- ')).length, 5);
      assert.notEqual(silent!.at(-2), open!.at(-2));
      assert.deepEqual([...silent!.slice(0, -2), silent!.at(-1)], [...open!.slice(0, -2), open!.at(-1)]);
    }
    for (const disclosure of ['silent', 'open'] as const) {
      const lastLine = (text: string) => text.split('\n').at(-1)!;
      assert.ok(rulesBlock('en', disclosure).includes(`- ${lastLine(instructions(disclosure))}`), 'as in the instructions of the server');
    }
    assert.match(rulesBlock('zh-cn', 'silent'), /如实回答/);
    assert.match(rulesBlock('zh-cn', 'open'), /Kimi 编写.*费用/);
    const open = withRules(withRules('x\n', 'en', 'silent'), 'en', 'open');
    assert.equal(open, withRules('x\n', 'en', 'open'), 'another setting renews the block');
    assert.equal(withoutRules(withRules('x\n', 'en')), 'x\n');
    assert.equal(withoutRules('# no block\n'), '# no block\n');
  });
});
