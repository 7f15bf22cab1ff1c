import assert from 'node:assert/strict';
import type { ChatRequest } from '../fakes/kimi/rules.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';

const call = (id: string, args = '{}') => ({ id, type: 'function', function: { name: 'read_file', arguments: args } });
const asks = (...calls: ReturnType<typeof call>[]) => ({ role: 'assistant', reasoning_content: '', tool_calls: calls });
const result = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'text' });
const USER = { role: 'user', content: 'Do it.' };
const tool = (parameters: unknown, name = 'read_file') => ({ type: 'function', function: { name, description: 'Reads.', parameters } });

const GOOD: ChatRequest = {
  model: 'kimi-k2.6',
  messages: [{ role: 'system', content: 'You code.' }, USER, asks(call('a'), call('b')), result('b'), result('a')],
  tools: [tool({ type: 'object', properties: { path: { type: 'string' } }, required: ['path'] })],
  stream: true,
  stream_options: { include_usage: true },
  thinking: { type: 'enabled', keep: 'all' },
  max_completion_tokens: 1000,
};

/** What the stand-in must refuse, or the tests of the loop prove nothing. */
const BAD: [string, Record<string, unknown>, RegExp][] = [
  ['a temperature', { temperature: 1 }, /invalid temperature/],
  ['an unknown field', { seed: 1 }, /unknown field seed/],
  ['no output cap', { max_completion_tokens: undefined }, /max_completion_tokens/],
  ['a cap beyond the window', { max_completion_tokens: 262_144 }, /exceeded model token limit/],
  ['an unknown model', { model: 'kimi-k9' }, /Not found the model/],
  [
    'tool calls without reasoning',
    { messages: [USER, { role: 'assistant', tool_calls: [call('a')] }, result('a')] },
    /reasoning_content is missing/,
  ],
  ['thinking that is dropped', { thinking: { type: 'enabled' } }, /thinking\.keep must be "all"/],
  ['thinking kept in an unknown way', { thinking: { type: 'enabled', keep: 'some' } }, /invalid thinking keep/],
  ['an unanswered call', { messages: [USER, asks(call('a'), call('b')), result('a')] }, /did not have response messages: b/],
  ['a call answered later', { messages: [USER, asks(call('a')), USER, result('a')] }, /did not have response messages/],
  ['a call answered twice', { messages: [USER, asks(call('a')), result('a'), result('a')] }, /tool_call_id a is not found/],
  ['equal ids in a message', { messages: [USER, asks(call('a'), call('a')), result('a')] }, /must be unique/],
  ['arguments that are no JSON', { messages: [USER, asks(call('a', '{"x')), result('a')] }, /not a JSON object/],
  ['empty user content', { messages: [{ role: 'user', content: '' }] }, /must not be empty/],
  ['an empty assistant message', { messages: [USER, { role: 'assistant', content: '' }, USER] }, /must not be empty/],
  ['an assistant message at the end', { messages: [USER, { role: 'assistant', content: 'Yes.' }] }, /last message/],
  ['a bad tool name', { tools: [tool({ type: 'object', properties: {} }, 'no spaces please')] }, /function name is invalid/],
  ['a schema without a type', { tools: [tool({ type: 'object', properties: { path: {} } })] }, /type is not defined/],
  ['a type beside anyOf', { tools: [tool({ type: 'object', anyOf: [{ type: 'object' }] })] }, /beside anyOf/],
  [
    'a pattern in a schema',
    { tools: [tool({ type: 'object', properties: { path: { type: 'string', pattern: '.' } } })] },
    /pattern is not supported/,
  ],
  ['a forced tool while thinking', { tool_choice: 'required' }, /incompatible with thinking/],
  ['a thinking field for a model without one', { model: 'kimi-k3' }, /thinking parameter is not supported/],
  ['no thinking where it is always on', { model: 'kimi-k2.7-code', thinking: { type: 'disabled' } }, /cannot be disabled/],
  [
    'messages that are too large',
    { messages: [{ role: 'user', content: 'x'.repeat(2_100_000) }] },
    /total message size \d+ exceeds limit 2097152/,
  ],
];

describe('the scripted Kimi', () => {
  let kimi: ScriptedKimi;
  before(async () => {
    kimi = await startKimi({ scenario: () => ({ text: 'Yes.' }), balance: 12.5, models: ['kimi-k2.6', 'kimi-k2.7-code', 'kimi-k3'] });
  });
  after(() => kimi.close());

  const post = (body: unknown, key = TEST_KEY, path = '/chat/completions') =>
    fetch(kimi.baseUrl + path, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: JSON.stringify(body) });
  const get = (path: string) => fetch(kimi.baseUrl + path, { headers: { authorization: `Bearer ${TEST_KEY}` } });

  it('takes a request that keeps the rules, and streams', async () => {
    const response = await post(GOOD);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /"reasoning_content"|"content":"Yes\."[\s\S]*"cached_tokens"[\s\S]*\[DONE\]/);
  });

  it('tells its count only to whom asks for it', async () => {
    const { stream_options: _, ...rest } = GOOD;
    assert.doesNotMatch(await (await post(rest)).text(), /usage/);
  });

  for (const [what, change, message] of BAD) {
    it(`refuses ${what}`, async () => {
      const response = await post({ ...GOOD, ...change });
      assert.ok(response.status === 400 || response.status === 404);
      assert.match(((await response.json()) as { error: { message: string } }).error.message, message);
    });
  }

  it('refuses another key', async () => {
    assert.equal((await post(GOOD, 'sk-wrong')).status, 401);
  });

  it('takes thinking off, and then tool calls without reasoning and a forced tool', async () => {
    const messages = [USER, { role: 'assistant', tool_calls: [call('a')] }, result('a')];
    const response = await post({ ...GOOD, messages, thinking: { type: 'disabled' }, tool_choice: 'required' });
    assert.equal(response.status, 200);
    await response.text();
  });

  it('wants the thinking back as it was sent, with each call that it sent', async () => {
    const scenario = [{ reasoning: 'Look.', calls: [{ name: 'read_file', args: {} }] }];
    const strict = await startKimi({ scenario });
    const ask = async (messages: unknown[]) => {
      const headers = { authorization: `Bearer ${TEST_KEY}` };
      const response = await fetch(`${strict.baseUrl}/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ ...GOOD, messages }),
      });
      return { status: response.status, text: await response.text() };
    };
    const sent = call('functions.read_file:0');
    assert.match((await ask([USER])).text, /functions\.read_file:0/);
    const back = (reasoning: string) => [USER, { ...asks(sent), reasoning_content: reasoning }, result(sent.id)];
    for (const changed of ['', 'Look. ', 'look.']) {
      const { status, text } = await ask(back(changed));
      assert.equal(status, 400);
      assert.match(text, /reasoning_content at index 1 is not what was sent with functions\.read_file:0/);
    }
    assert.equal((await ask(back('Look.'))).status, 200);
    await strict.close();
  });

  it('counts a repeated prefix as cached, in chunks of 256 tokens', async () => {
    const messages = [{ role: 'user', content: 'A long story. '.repeat(500) }];
    await (await post({ ...GOOD, messages })).text();
    await (await post({ ...GOOD, messages: [...messages, USER] })).text();
    const { usage } = kimi.requests.at(-1)!;
    assert.ok(usage && usage.cached > 1500 && usage.cached % 256 === 0 && usage.cached < usage.input);
  });

  it('lists models, tells the balance and counts tokens', async () => {
    const models = (await (await get('/models')).json()) as { data: { id: string; context_length: number }[] };
    assert.deepEqual([models.data[0]!.id, models.data[0]!.context_length], ['kimi-k2.6', 262_144]);
    const balance = (await (await get('/users/me/balance')).json()) as { data: { available_balance: number } };
    assert.equal(balance.data.available_balance, 12.5);
    const count = (await (await post(GOOD, TEST_KEY, '/tokenizers/estimate-token-count')).json()) as { data: { total_tokens: number } };
    assert.ok(count.data.total_tokens > 50);
  });
});
