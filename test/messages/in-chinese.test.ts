import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Guards } from '../../src/agent/loop-guards.ts';
import { type ApiProblem, classifyError } from '../../src/agent/model/classify-error.ts';
import { stepLimit, windowFull } from '../../src/agent/stop-reasons.ts';
import { judgeChecks } from '../../src/checks/judge-checks.ts';
import { findClaude } from '../../src/claude/find-claude.ts';
import { resolveSettings } from '../../src/config.ts';
import { type Message, message, say } from '../../src/messages/message.ts';
import { inEnglish, messageText, type Translate } from '../../src/messages/translate.ts';
import { probeSandbox } from '../../src/sandbox/probe-sandbox.ts';
import { branchNameProblem } from '../../src/workspace/branch-name.ts';
import { result } from '../vscode/sample-records.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const ENDPOINT = { baseUrl: 'https://api.moonshot.cn/v1', apiKey: 'sk-kimi-x', model: 'kimi-k2.6' };
const PROBLEMS: readonly (Pick<ApiProblem, 'status'> & Partial<ApiProblem>)[] = [
  { status: 400 },
  { status: 401 },
  { status: 402 },
  { status: 403 },
  { status: 404 },
  { status: 429 },
  { status: 500 },
  { status: 400, type: 'content_filter' },
  { status: null, code: 'ECONNRESET' },
  { status: null, code: 'CERT_HAS_EXPIRED' },
];
const NAMES = ['', 'a b', '-x', 'refs/heads/x', 'HEAD', 'a..b', 'a//b', '.a', 'a.lock', 'x'.repeat(300), 'a:b', 'f'.repeat(40), 'a\u202eb'];
const chinese = (said: Message | null | undefined) => (said ? say(said, 'zh-cn') : '');

describe('messages as they really come, in Chinese', () => {
  it('tell how an attempt ended', () => {
    const [check] = result().checks;
    const failed = judgeChecks([{ ...check!, verdict: 'regressed' } as never]).reason;
    assert.equal(chinese(failed), '`npm test` 在成果上出现了基线上没有的失败。');
    const end = stepLimit(50);
    assert.match(chinese(end.kind === 'stopped' ? end.reason : null), /^执行者未完成就达到了 50 步的上限/);
    const full = windowFull('262,144 tokens');
    assert.match(chinese(full.kind === 'stopped' ? full.reason : null), /^上下文窗口已满（262,144 tokens）/);
    const guards = new Guards();
    for (let step = 0; step < 91; step++) guards.beginStep('tree');
    assert.match(chinese(guards.stalled()?.stop), /^最近 \d+ 步没有改动/);
  });

  it('tell what is wrong with a name, a setting or an endpoint', () => {
    for (const name of NAMES) assert.match(chinese(branchNameProblem(name)), /^分支名 "/, name);
    const settings = resolveSettings([
      { source: 'window', label: message('origin.window', { folder: '/shop' }), values: { maxSteps: 900 } },
    ]);
    const expected = /^打开了 \/shop 的 VS Code 窗口中的 claudeKimi\.maxSteps 为 900；允许的值：1 到 300 的整数。$/;
    assert.match(chinese(settings.ok ? null : settings.problems[0]), expected);
    for (const problem of PROBLEMS) {
      const failure = classifyError({ type: '', code: '', message: 'said', retryAfter: null, ...problem }, ENDPOINT);
      assert.match(chinese('reason' in failure ? failure.reason : null), /[\u4e00-\u9fff]/, JSON.stringify(problem));
    }
  });

  it('tell what is missing on the machine', async () => {
    const probe = await probeSandbox({ program: '/nonexistent/bwrap' });
    assert.match(chinese(probe.ok ? null : probe.reason), /^沙箱程序 \/nonexistent\/bwrap 无法启动/);
    const missing = await probeSandbox({ searchDirs: [] });
    assert.match(chinese(missing.ok ? null : missing.reason), /^沙箱程序 bubblewrap 未安装。请安装：`(sudo )?\w+ .*bubblewrap socat`。/);
    const search = await findClaude({ setting: '/nonexistent/claude', env: {}, platform: 'linux', home: '/home/ann' });
    assert.match(chinese(search.ok ? null : search.reason), /^\/nonexistent\/claude 处没有程序/);
  });

  it('come in the language that the texts of the window are in', () => {
    const bundle = JSON.parse(readFileSync(path.join(ROOT, 'l10n', 'bundle.l10n.zh-cn.json'), 'utf8')) as Record<string, string>;
    const inChinese: Translate = (text, ...args) => inEnglish(bundle[text] ?? text, ...args);
    assert.equal(messageText(message('end.noChanges'), inChinese), '执行者结束时没有改动任何文件');
    assert.equal(messageText(message('end.noChanges'), inEnglish), 'the worker ended without changing a file');
  });
});
