import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { en } from '../../src/messages/en.ts';
import { type Code, type Message, message, messageSchema, say, sentences, shortList } from '../../src/messages/message.ts';
import { zhCn } from '../../src/messages/zh-cn.ts';

const SRC = path.join(import.meta.dirname, '..', '..', 'src');
const CODES = Object.keys(en) as Code[];

const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)(?::word)?\}/g)].map(([, name]) => name!))].sort();
/** A message with a word for each of its arguments. */
const filled = (code: Code): Message => ({ code, args: Object.fromEntries(placeholders(en[code]).map((name) => [name, `<${name}>`])) });

/** Our sources but for the texts themselves; the demo is shipped too. */
function sources(): { file: string; text: string }[] {
  return [SRC, path.join(import.meta.dirname, '..', 'demo')].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.startsWith('messages'))
      .map((file) => ({ file, text: readFileSync(path.join(folder, file), 'utf8') })),
  );
}

describe('messages', () => {
  it('are there in each language, with the same arguments', () => {
    assert.deepEqual(Object.keys(zhCn).sort(), [...CODES].sort());
    for (const code of CODES) {
      assert.notEqual(en[code].trim(), '', code);
      assert.deepEqual(placeholders(zhCn[code]), placeholders(en[code]), code);
    }
  });

  it('are said with every argument in its place', () => {
    for (const code of CODES)
      for (const language of ['en', 'zh-cn'] as const) {
        const text = say(filled(code), language);
        assert.doesNotMatch(text, /\{\w+\}/, code);
        for (const name of placeholders(en[code])) assert.ok(text.includes(`<${name}>`), `${code}: ${text}`);
      }
  });

  it('are Chinese in Chinese, call one thing by one word, and the reader 你', () => {
    const same: readonly Code[] = ['text', 'unknown', 'sentences.two', 'cli.story.endWhy'];
    for (const code of CODES) {
      if (!same.includes(code)) assert.match(zhCn[code], /[\u4e00-\u9fff]/, code);
      assert.doesNotMatch(zhCn[code], /沙盒|您/, code);
    }
  });

  it('are checked by the compiler: the code, and the name of each argument', () => {
    // @ts-expect-error no such code
    message('limit.moons');
    // @ts-expect-error an argument is missing
    message('call.busy', { attempt: 1, branch: 'x', since: 'noon' });
    // @ts-expect-error another one than the text asks for
    message('limit.steps', { moons: 3 });
    // @ts-expect-error the text asks for nothing
    message('end.cancelled', { steps: 3 });
    assert.equal(say(message('limit.steps', { steps: 3 }), 'en').slice(0, 20), 'The limit of 3 steps');
  });

  it('hold words of others as they are, and ours in the same language', () => {
    const times = message('times.many', { count: 3 });
    const failed = message('api.connectionFailed', { said: 'ECONNREFUSED {times} $& `x`' });
    const end = message('api.gaveUp.reach', { why: failed, times });
    assert.match(say(end, 'en'), /^The connection failed \(ECONNREFUSED \{times\} \$& `x`\); tried 3 times, then gave up\. /);
    assert.match(say(end, 'zh-cn'), /^连接失败（ECONNREFUSED \{times\} \$& `x`）；尝试了 3 次后放弃/);
  });

  it('quote names of others where they are words of a command, which somebody will run', () => {
    const called = "$(touch x); it's";
    const said = say(message('branch.moved', { branch: called, tip: 'a' }), 'en');
    assert.ok(said.includes(`git log '$(touch x); it'\\''s')`), said);
    // What stands there besides are ids of commits, and words of ours.
    const ours = ['cli', 'before', 'commit', 'tip', 'hook', 'command', 'drivers'];
    const commands =
      /(?:git (?:add|apply|branch|checkout|config|diff|fetch|hook|log|merge|push|reset|restore|revert|show|stash|submodule|switch)|\{cli\}|cd|npx|chmod|claude mcp) (?:[^.;:()，。；：（）"]|\.\S)*/g;
    for (const code of CODES)
      for (const [command] of [en[code], zhCn[code]].flatMap((text) => [...text.matchAll(commands)])) {
        const unquoted = [...command.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).filter((name) => !ours.includes(name));
        assert.deepEqual(unquoted, [], `${code}: ${command}`);
      }
  });

  it('hold lists, whole or their beginning', () => {
    const files = (most: number) => message('merge.uncommitted', { files: shortList(['a', 'b', 'c'], most) });
    assert.match(say(files(3), 'en'), /^uncommitted changes in a, b, c would/);
    assert.match(say(files(2), 'en'), /^uncommitted changes in a, b and 1 more would/);
    assert.match(say(files(2), 'zh-cn'), /^a、b 及其他 1 项中未提交/);
  });

  it('follow one another', () => {
    const [one, two, three] = ['checks.noneRun', 'merge.headMoved', 'checks.noneRun'] as const;
    assert.equal(say(sentences([message(one)]), 'en'), en[one]);
    assert.equal(say(sentences([message(one), message(two), message(three)]), 'en'), `${en[one]} ${en[two]} ${en[three]}`);
    assert.equal(say(sentences([message(one), message(two)]), 'zh-cn'), zhCn[one] + zhCn[two]);
  });

  it('are read back as they were written', () => {
    const whole = message('merge.done', {
      files: message('merge.filesMany', { count: 2 }),
      into: 'main',
      commit: 'abc',
      before: 'def',
      branch: message('merge.branchStays', { branch: 'x', why: message('checks.proved', { commands: ['a', 'b'] }) }),
    });
    assert.deepEqual(messageSchema.parse(JSON.parse(JSON.stringify(whole))), whole);
  });

  it('of an older version, which wrote the text, are read as that text', () => {
    assert.deepEqual(messageSchema.parse('Everything {went} well.'), message('text', { text: 'Everything {went} well.' }));
    assert.equal(say(messageSchema.parse('Everything {went} well.'), 'zh-cn'), 'Everything {went} well.');
  });

  it('of another version are said as far as they are known', () => {
    const newer = { code: 'limit.patience', args: { hours: 3, of: { code: 'limit.patience.of', args: {} }, files: ['a', 'b'] } };
    assert.equal(say(messageSchema.parse(newer), 'en'), 'limit.patience (3, limit.patience.of, a, b)');
    assert.equal(say(messageSchema.parse({ code: 'limit.patience', args: {} }), 'zh-cn'), 'limit.patience');
    assert.match(say(messageSchema.parse({ code: 'limit.steps', args: {} }), 'en'), /^The limit of \{steps\} steps/);
    for (const code of ['toString', '__proto__']) assert.equal(say(messageSchema.parse({ code, args: {} }), 'en'), code);
    for (const wrong of [null, 1, {}, { code: 'limit.steps' }, { code: 1, args: {} }])
      assert.equal(messageSchema.safeParse(wrong).success, false);
  });

  it('are all said somewhere', () => {
    const all = sources()
      .map(({ text }) => text)
      .join('\n');
    const own: readonly Code[] = ['unknown', 'sentences.two', 'list.more'];
    const isSaid = (code: Code) => all.includes(`'${code}'`) || all.includes(`\`${code.replace(/[^.]+$/, '')}${'${'}`);
    assert.deepEqual(
      CODES.filter((code) => !own.includes(code) && !isSaid(code)),
      [],
    );
  });

  it('are what every reason is: no source writes one as a text', () => {
    const reason = /^(?!\s*(?:\/\*)?\*).*\breason\??: (?:string\b|`|'[^']* |"[^"]* )/;
    const found = sources().flatMap(({ file, text }) =>
      text.split('\n').flatMap((line, index) => (reason.test(line) ? [`${file}:${index + 1} ${line.trim()}`] : [])),
    );
    assert.deepEqual(found, []);
  });
});
