import assert from 'node:assert/strict';
import fc from 'fast-check';
import { History, serialize } from '../../src/agent/history/history.ts';
import { ReplyAssembler } from '../../src/agent/model/assemble-reply.ts';
import { type ApiProblem, classifyError, type Failure } from '../../src/agent/model/classify-error.ts';
import { parseDelay } from '../../src/agent/model/parse-error-text.ts';
import { headJson, OPTIONAL_FIELDS, tailJson, toolsJson } from '../../src/agent/model/request-body.ts';
import { costOf, isPlatform, priceOf, windowOf } from '../../src/agent/prices.ts';
import { english } from '../messages/english.ts';

const endpoint = { baseUrl: 'https://api.moonshot.cn/v1', apiKey: 'sk-abcdefghijkl', model: 'kimi-k2.6' };
const problem = (fields: Partial<ApiProblem>): ApiProblem => ({
  status: null,
  type: '',
  code: '',
  message: '',
  retryAfter: null,
  ...fields,
});

const reasonOf = (failure: Failure) => ('reason' in failure ? english(failure.reason) : '');

describe('prices', () => {
  it('know the platform from other servers', () => {
    assert.deepEqual(
      ['https://api.moonshot.cn/v1', 'https://api.moonshot.ai/v1', 'https://moonshot.ai.example.org/v1', 'http://127.0.0.1:1/v1'].map(
        isPlatform,
      ),
      [true, true, false, false],
    );
  });

  it('are null when unknown, and give way to the setting', () => {
    assert.equal(priceOf('kimi-next', endpoint.baseUrl), null);
    assert.equal(costOf({ input: 1, cached: 0, output: 1 }, null), null);
    assert.deepEqual(priceOf('kimi-next', endpoint.baseUrl, { hit: 1, miss: 2, out: 3 }), { hit: 1, miss: 2, out: 3 });
  });

  it('are known for the same models on both platforms, but for those whose price in CNY nobody published', () => {
    const models = ['kimi-k2.6', 'kimi-k2.7-code', 'kimi-k2.7-code-highspeed', 'kimi-k3', 'kimi-k3.1-pro', 'kimi-k3.1-pro-highspeed'];
    const known = (url: string) => models.filter((model) => priceOf(model, url) !== null);
    assert.deepEqual(known('https://api.moonshot.ai/v1'), models);
    assert.deepEqual(known(endpoint.baseUrl), models.slice(0, 4));
    for (const model of models) {
      for (const url of ['https://api.moonshot.ai/v1', endpoint.baseUrl]) {
        const price = priceOf(model, url);
        if (price) assert.ok(price.hit < price.miss && price.miss < price.out, `${model} at ${url}`);
      }
      assert.equal(windowOf(model), model.includes('k3') ? 1_048_576 : 262_144, model);
    }
  });

  it('bill hits, misses and output apart', () => {
    const price = priceOf('kimi-k2.6', endpoint.baseUrl)!;
    assert.equal(costOf({ input: 2_000_000, cached: 1_000_000, output: 1_000_000 }, price), 1.1 + 6.5 + 27);
  });
});

describe('errors', () => {
  for (const [text, ms] of [
    ['please try again after 1 seconds', 1000],
    ['try again in 20s', 20_000],
    ['after 500 ms', 500],
    ['try again after 500 milliseconds', 500],
    ['please try again in 1m', 60_000],
    ['please try again in 1m30s', 90_000],
    ['try again after 0 seconds', 0],
    ['Please retry in 1.5 minutes', 90_000],
    ['try later', null],
  ] as const) {
    it(`reads the delay of "${text}"`, () => assert.equal(parseDelay(text), ms));
  }

  it('explains a subscription key', () => {
    const failure = classifyError(problem({ status: 401, message: 'no' }), { ...endpoint, apiKey: 'sk-kimi-abcdef' });
    assert.match(reasonOf(failure), /subscription key/);
  });

  it('takes keys out of what a server says', () => {
    const failure = classifyError(problem({ status: 403, message: `key ${endpoint.apiKey} and sk-otherkey123 may not` }), endpoint);
    assert.ok(!reasonOf(failure).includes('sk-'));
  });

  it('takes the id of a key out of it too', () => {
    const message = 'Your account org-ea6a80cc0e7544d6 <ak-f8tyo15zao8111h11q4i> request reached max RPM: 3';
    assert.ok(!reasonOf(classifyError(problem({ status: 429, message }), endpoint)).includes('ak-f8'));
  });

  for (const [location, shown] of [
    ['https://api.moonshot.ai/v1/chat/completions', 'https://api.moonshot.ai/v1 '],
    ['/v2/chat/completions', 'https://api.moonshot.cn/v2 '],
    ['https://login.example/start?token=secret#x', 'https://login.example/start '],
    ['http://[broken', 'http://[broken '],
  ] as const) {
    it(`names where a redirect to ${location} leads`, () => {
      const reason = reasonOf(classifyError(problem({ status: 308, message: location }), endpoint));
      assert.ok(reason.includes(`KIMI_BASE_URL to ${shown}`), reason);
      assert.ok(!reason.includes('secret'));
    });
  }

  it('tells what to do about an untrusted certificate, and does not try again', () => {
    const failure = classifyError(problem({ code: 'SELF_SIGNED_CERT_IN_CHAIN' }), endpoint);
    assert.equal(failure.kind, 'stop');
    assert.match(reasonOf(failure), /NODE_EXTRA_CA_CERTS/);
  });

  for (const [what, fields, expected] of [
    ['a rate limit in mid-stream', { type: 'rate_limit_reached_error', message: 'max RPM: 3' }, 'rate'],
    ['an overload in mid-stream', { type: 'engine_overloaded_error', message: 'overloaded' }, 'rate'],
    ['the TPM limit', { status: 429, message: 'request reached organization TPM rate limit, current:510000, limit:500000' }, 'rate'],
    ['a 429 without a body', { status: 429, message: '429 status code (no body)' }, 'rate'],
    ['the TPD limit', { status: 429, message: 'request reached TPD rate limit, current: 9, limit: 8' }, 'rate_limited'],
    ['a bad gateway in mid-stream', { status: 502, message: 'Upstream error' }, 'reach'],
    ['a time-out', { status: 408, message: '' }, 'reach'],
    ['a wrong key in mid-stream', { type: 'invalid_authentication_error', message: 'Invalid Authentication' }, 'auth_failed'],
    [
      'an account without money, in words only',
      {
        status: 429,
        message: `Your account ${'o'.repeat(36)} <${'a'.repeat(30)}> is suspended, please check your plan and billing details`,
      },
      'quota_exhausted',
    ],
    ['no money, as 403', { status: 403, message: 'Insufficient account balance' }, 'quota_exhausted'],
    ['another model', { status: 404, message: 'Not found the model kimi-k9 or Permission denied' }, 'auth_failed'],
  ] as const) {
    it(`knows ${what}`, () => {
      const failure = classifyError(problem(fields), endpoint);
      assert.equal(failure.kind === 'retry' ? failure.cause : failure.kind === 'stop' ? failure.outcome : failure.kind, expected);
    });
  }

  it('names what to do about an address or a model that is not there', () => {
    const unknown = problem({ status: 404, message: 'Not found the model kimi-k2.6 or Permission denied' });
    assert.match(reasonOf(classifyError(unknown, endpoint)), /retired.*KIMI_MODEL/);
    const reason = reasonOf(
      classifyError(problem({ status: 404, message: '404 page not found' }), { ...endpoint, baseUrl: 'http://gpu:8000' }),
    );
    assert.match(reason, /http:\/\/gpu:8000\/v1/);
  });

  for (const message of [
    'Invalid request: Your request exceeded model token limit : 131072',
    'Input token length too long',
    "You passed 5001 input tokens and requested 1000 output tokens. However, the model's context length is only 131072 tokens",
    "'max_completion_tokens' is too large: 32768. This model's maximum context length is 131072 tokens and your request has 2000 input tokens",
    "Requested token count exceeds the model's maximum context length of 131072 tokens. You requested a total of 150000 tokens",
    "The input (150000 tokens) is longer than the model's context length (131072 tokens).",
    'the request exceeds the available context size (131072 tokens), try increasing it',
  ]) {
    it(`reads an overflow: ${message}`, () => {
      const failure = classifyError(problem({ status: 400, message }), endpoint);
      assert.ok(failure.kind === 'overflow', failure.kind);
      assert.equal(failure.limit.tokens, message.startsWith('Input') ? null : 131_072);
    });
  }

  it('does not blame the thinking field for what is missing in a message', () => {
    const message = 'Invalid request: thinking is enabled but reasoning_content is missing in assistant tool call message at index 2';
    assert.equal(classifyError(problem({ status: 400, message }), endpoint).kind, 'stop');
  });

  it('is soon through with a server that speaks no TLS', () => {
    const failure = classifyError(problem({ code: 'ERR_SSL_WRONG_VERSION_NUMBER', message: 'wrong version number' }), endpoint);
    assert.ok(failure.kind === 'retry' && failure.maxTries < 10);
  });

  it('names what a strange 400 said', () => {
    const failure = classifyError(problem({ status: 400, message: 'unknown field seed' }), endpoint);
    assert.ok(failure.kind === 'stop' && failure.outcome === 'api_unreachable');
    assert.match(reasonOf(failure), /unknown field seed/);
  });
});

describe('stream', () => {
  const assemble = (...deltas: unknown[]) => {
    const assembler = new ReplyAssembler();
    for (const delta of deltas) assembler.add({ choices: [{ index: 0, delta }] });
    return assembler.reply();
  };

  it('makes ids unique in one answer and fills in missing ones', () => {
    const call = (index: number, id?: string) => ({ tool_calls: [{ index, id, function: { name: 'read_file', arguments: '{}' } }] });
    const ids = assemble(call(0, 'functions.read_file:0'), call(1, 'functions.read_file:0'), call(2)).calls.map(({ id }) => id);
    assert.deepEqual(ids, ['functions.read_file:0', 'functions.read_file:0_', 'read_file:2']);
  });

  it('takes a new id at an old index for a new call', () => {
    const call = (id: string) => ({ tool_calls: [{ index: 0, id, function: { name: 'read_file', arguments: '{}' } }] });
    assert.equal(assemble(call('a'), call('b')).calls.length, 2);
  });

  it('keeps the arguments together when every delta has an id of its own', () => {
    const piece = (id: string, fn: Record<string, string>) => ({ tool_calls: [{ index: 0, id, function: fn }] });
    const whole = [{ id: 'a', type: 'function', function: { name: 'run', arguments: '{"x":{"y":1}}' } }];
    assert.deepEqual(
      assemble(piece('a', { name: 'run' }), piece('b', { arguments: '{"x":{"y"' }), piece('c', { arguments: ':1}}' })).calls,
      whole,
    );
    const named = (id: string, args: string) => piece(id, { name: 'run', arguments: args });
    assert.deepEqual(assemble(named('a', ''), named('b', '{"x":{"y"'), named('c', ':1}'), named('d', '}')).calls, whole);
    const two = assemble(named('a', '{"x":1}'), named('b', '{"x"'), piece('c', { arguments: ':2}' })).calls;
    assert.deepEqual(
      two.map(({ id, function: fn }) => [id, fn.arguments]),
      [
        ['a', '{"x":1}'],
        ['b', '{"x":2}'],
      ],
    );
  });

  it('takes thinking from where it stands', () => {
    assert.equal(assemble({ reasoning_content: '', reasoning: 'I' }, { reasoning: ' see' }).reasoning, 'I see');
    assert.equal(assemble({ reasoning_content: 'I', reasoning: 'I' }).reasoning, 'I');
  });

  it('counts the calls that have no name', () => {
    const reply = assemble({ content: 'Now:', tool_calls: [{ index: 0, id: 'a', function: { name: '', arguments: '{}' } }] });
    assert.deepEqual([reply.calls.length, reply.droppedCalls], [0, 1]);
  });

  it('puts calls without an index together', () => {
    const { calls } = assemble(
      { tool_calls: [{ id: 'a', function: { name: 'run', arguments: '{"x"' } }] },
      { tool_calls: [{ function: { arguments: ':1}' } }] },
    );
    assert.deepEqual(calls, [{ id: 'a', type: 'function', function: { name: 'run', arguments: '{"x":1}' } }]);
  });

  it('survives whatever a server sends', () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), (chunks) => {
        const assembler = new ReplyAssembler();
        for (const chunk of chunks) assembler.add({ choices: [{ delta: chunk }, chunk], usage: chunk });
        for (const chunk of chunks) assembler.add(chunk);
        assert.equal(typeof assembler.reply().text, 'string');
      }),
      { seed: 11 },
    );
  });
});

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
