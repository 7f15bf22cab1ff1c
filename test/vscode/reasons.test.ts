import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { stepLimit, windowFull } from '../../src/agent/endings.ts';
import { Guards } from '../../src/agent/guards.ts';
import { type ApiProblem, classify } from '../../src/agent/model/errors.ts';
import { judgeChecks } from '../../src/checks/verdict.ts';
import { findClaude } from '../../src/claude/find.ts';
import { resolveSettings } from '../../src/config.ts';
import { probeSandbox } from '../../src/sandbox/probe.ts';
import { reasonWords, SENTENCES } from '../../src/vscode/wording/reasons.ts';
import { inEnglish, type Translate } from '../../src/vscode/wording/translate.ts';
import { branchNameProblem } from '../../src/workspace/branch-name.ts';
import { result } from './results.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const bundle = JSON.parse(readFileSync(path.join(ROOT, 'l10n', 'bundle.l10n.zh-cn.json'), 'utf8')) as Record<string, string>;
const inChinese: Translate = (message, ...args) => inEnglish(bundle[message] ?? message, ...args);
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
const chinese = (reason: string) => reasonWords(reason, inChinese);

describe('reasons of the server in the language of the window', () => {
  it('are sentences that some source still says', () => {
    const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    const sources = files
      .filter((name) => name.endsWith('.ts') && !/[\\/]reasons\.ts$/.test(name))
      .map((name) => readFileSync(path.join(ROOT, 'src', name), 'utf8'))
      .join('\n')
      .replaceAll('\\\\', '\\');
    // a sentence may be put together from several texts; what stands between its arguments and full stops must be there
    const pieces = (sentence: string) => sentence.split(/\{\d\}|[.,:;] |[()"]/).filter((piece) => piece.trim().length > 8);
    const gone = SENTENCES.filter((sentence) => !pieces(sentence).every((piece) => sources.includes(piece.trim())));
    assert.deepEqual(gone, []);
  });

  it('count their arguments from left to right', () => {
    for (const sentence of SENTENCES) {
      const numbers = [...sentence.matchAll(/\{(\d)\}/g)].map(([, number]) => Number(number));
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => index),
        sentence,
      );
    }
  });

  it('are the same in English', () => {
    for (const sentence of SENTENCES) {
      const said = inEnglish(sentence, 'main', 'feature/x', '3', 'y', 'z');
      assert.equal(reasonWords(said, inEnglish), said);
    }
  });

  it('are translated as they really come', async () => {
    const [check] = result().checks;
    const failed = judgeChecks([{ ...check!, verdict: 'regressed' } as never]).reason;
    assert.equal(chinese(failed), '`npm test` 在成果上出现了基线上没有的失败。');
    const end = stepLimit(50);
    assert.match(chinese(end.kind === 'stopped' ? end.reason : ''), /^执行者未完成就达到了 50 步的上限/);
    const full = windowFull('262,144 tokens');
    assert.match(chinese(full.kind === 'stopped' ? full.reason : ''), /^上下文窗口已满（262,144 tokens）/);
    assert.equal(chinese('main conflict with what is on dev. Nothing else.'), 'main conflict with what is on dev. Nothing else.');
    assert.match(chinese('a rebase is unfinished in /shop. Finish or abort it first, then merge again.'), /^\/shop 中有未完成的变基/);
    assert.match(
      chinese(
        'The connection failed (ECONNREFUSED); tried 3 times, then gave up. Check the network and the base URL, or call again later: the attempt continues where it stopped.',
      ),
      /^连接失败（ECONNREFUSED）；尝试了 3 次后放弃/,
    );
    for (const name of [
      '',
      'a b',
      '-x',
      'refs/heads/x',
      'HEAD',
      'a..b',
      'a//b',
      '.a',
      'a.lock',
      'x'.repeat(300),
      'a:b',
      'f'.repeat(40),
      'a\u202eb',
    ])
      assert.match(chinese(`branch_name ${JSON.stringify(name)} ${branchNameProblem(name)}`), /^分支名 /, name);
    const probe = await probeSandbox({ program: '/nonexistent/bwrap' });
    assert.match(chinese(probe.ok ? '' : probe.reason), /^沙箱程序 \/nonexistent\/bwrap 无法启动/);
    const missing = await probeSandbox({ searchDirs: [] });
    assert.match(chinese(missing.ok ? '' : missing.reason), /^沙箱程序 bubblewrap 未安装：请安装它（`sudo apt/);
    const search = await findClaude({ setting: '/nonexistent/claude', env: {}, platform: 'linux', home: '/home/ann' });
    assert.match(chinese(search.ok ? '' : search.reason), /^\/nonexistent\/claude 处没有程序/);
    const settings = resolveSettings([{ source: 'window', label: 'the window', values: { maxSteps: 900 } }]);
    assert.equal(settings.ok, false);
    for (const problem of PROBLEMS) {
      const failure = classify({ type: '', code: '', message: 'said', retryAfter: null, ...problem }, ENDPOINT);
      assert.match(chinese(failure.reason), /[\u4e00-\u9fff]/, failure.reason);
    }
    const guards = new Guards();
    for (let step = 0; step < 91; step++) guards.beginStep('tree');
    assert.match(chinese(guards.stalled()?.stop ?? ''), /^最近 \d+ 步没有改动/);
    assert.match(chinese(settings.ok ? '' : settings.problems[0]!), / 为 900；允许的值：1 到 300 的整数。$/);
  });
});
