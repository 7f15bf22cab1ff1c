import assert from 'node:assert/strict';
import { type ApiProblem, classifyError, type Failure } from '../../src/agent/model/classify-error.ts';
import { parseDelay } from '../../src/agent/model/parse-error-text.ts';
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

  it('takes no other answer of the kind 3xx for one that leads somewhere', () => {
    for (const status of [300, 304, 305]) {
      const reason = reasonOf(classifyError(problem({ status, message: `${status} status code (no body)` }), endpoint));
      assert.match(reason, new RegExp(String(status)));
      assert.doesNotMatch(reason, /another address/);
    }
  });

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
