import assert from 'node:assert/strict';
import fc from 'fast-check';
import { History, serialize } from '../../src/agent/history/history.ts';
import { headJson, OPTIONAL_FIELDS, tailJson, toolsJson } from '../../src/agent/model/request-body.ts';

describe('history', () => {
  /** How every tail begins. */
  const count = { x: [], max_completion_tokens: 9, stream_options: { include_usage: true } };

  it('is valid JSON with the messages in order, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (contents) => {
        const history = new History(headJson('kimi-k2.6', toolsJson([]), 'system "quoted"'));
        for (const content of contents) history.append(serialize({ role: 'user', content }));
        const body = JSON.parse(history.body(tailJson('kimi-k2.6', 1000, 'step')).toString());
        assert.deepEqual(
          body.messages.map(({ content }: { content: string }) => content),
          ['system "quoted"', ...contents],
        );
        assert.equal(history.length, contents.length);
      }),
      { seed: 13 },
    );
  });

  it('leaves out what a server refused', () => {
    const refused = new Set(OPTIONAL_FIELDS);
    const tail = (asks: 'step' | 'call' | 'note') => JSON.parse(`{"x":[${tailJson('kimi-k2.6', 9, asks, 'key', refused)}`);
    const least = { x: [], max_completion_tokens: 9 };
    assert.deepEqual([tail('step'), tail('call'), tail('note')], [least, least, { ...least, tool_choice: 'none' }]);
  });

  it('replaces half surrogate pairs, which servers refuse', () => {
    assert.equal(serialize({ role: 'user', content: 'a\ud800b😀' }), '{"role":"user","content":"a\ufffdb😀"}');
  });

  it('asks for a note in words only, and behind the messages, so that their prefix stays cached', () => {
    const tail = (model: string) => JSON.parse(`{"x":[${tailJson(model, 9, 'note', 'key')}`);
    const common = { ...count, tool_choice: 'none', prompt_cache_key: 'key' };
    assert.deepEqual(tail('kimi-k2.6'), { ...common, thinking: { type: 'disabled' } });
    assert.deepEqual(tail('kimi-k2.7-code'), { ...common, thinking: { type: 'enabled', keep: 'all' } });
    assert.deepEqual(tail('kimi-k3'), common);
    assert.deepEqual(tail('qwen'), common);
    assert.ok(!tailJson('kimi-k2.6', 9, 'step').includes('prompt_cache_key'), 'only when it is given');
  });

  it('sends no thinking field to models that may not know it', () => {
    assert.ok(!tailJson('qwen', 1, 'call').includes('thinking'));
    assert.deepEqual(JSON.parse(`{"x":[${tailJson('kimi-k2.6', 9, 'call')}`), {
      ...count,
      thinking: { type: 'disabled' },
      tool_choice: 'required',
    });
    assert.deepEqual(JSON.parse(`{"x":[${tailJson('kimi-k2.7-code', 9, 'call')}`).thinking, { type: 'enabled', keep: 'all' });
  });

  it('sends none to the K3 series, which always thinks and may be made to call a tool all the same', () => {
    for (const model of ['kimi-k3', 'kimi-k3.1-pro', 'kimi-k3.1-pro-highspeed']) {
      assert.deepEqual(JSON.parse(`{"x":[${tailJson(model, 9, 'step')}`), count);
      assert.deepEqual(JSON.parse(`{"x":[${tailJson(model, 9, 'call')}`), { ...count, tool_choice: 'required' });
    }
  });
});
