import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchModels } from '../../src/agent/model/fetch-models.ts';
import { httpFetch } from '../../src/agent/model/http-fetch.ts';
import { createClient } from '../../src/agent/model/kimi-client.ts';
import { proxyFetch } from '../../src/agent/model/proxy-fetch.ts';
import { BREAKS, type Fault, MODEL_FAULTS, ODDITIES, REFUSALS, type Turn } from '../fakes/kimi/scenario.ts';
import { startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { english } from '../messages/english.ts';
import { command, finish, ourFaults, outcomeOf, play, playOn, read, serverCount, texts, write } from './harness.ts';

/** Long enough that a break in its middle leaves half an answer. */
const THOUGHT = 'Think about the counter 计数器 and how it counts 🧮. '.repeat(8);

/** The faulty turn in the middle of an attempt that otherwise goes well. */
function around(fault: Fault): Turn[] {
  const call = write('count 1', { reasoning: THOUGHT, fault });
  const needsTwo: readonly Fault[] = ['calls_in_one_delta', 'repeated_ids', 'interleaved_calls', 'calls_without_index'];
  const faulty = needsTwo.includes(fault) ? { ...call, calls: [...call.calls!, ...read().calls!] } : call;
  return [read(), faulty, write('count 2'), command(), finish()];
}

const ENDS: Partial<Record<Fault, string>> = {
  '429_tpd': 'rate_limited',
  '429_quota': 'quota_exhausted',
  '400_content_filter': 'content_refused',
  '400_overflow': 'step_limit',
  '401': 'auth_failed',
  '402': 'quota_exhausted',
  '403': 'auth_failed',
  '404_model': 'auth_failed',
  '413': 'step_limit',
  redirect: 'api_unreachable',
  web_page: 'api_unreachable',
  quota_frame: 'quota_exhausted',
  content_filter_finish: 'content_refused',
};

/** Faults after which the same request is sent again. */
const RETRIED = new Set<Fault>([...REFUSALS, ...BREAKS].filter((fault) => !ENDS[fault]));

describe('faults, each alone', () => {
  for (const fault of [...REFUSALS, ...BREAKS, ...ODDITIES, ...MODEL_FAULTS]) {
    it(`${fault}: ${ENDS[fault] ?? (RETRIED.has(fault) ? 'sent again, finished' : 'finished')}`, async () => {
      const { end, events, kimi, files, totals } = await play(around(fault), {
        limits: { stallSeconds: fault.startsWith('stall') ? 0.2 : 20 },
      });
      assert.equal(outcomeOf(end), ENDS[fault] ?? 'finished');
      assert.deepEqual(ourFaults(kimi), []);
      assert.equal(texts(events, 'retry').length, RETRIED.has(fault) ? 1 : 0);
      assert.equal(totals.retries, RETRIED.has(fault) ? 1 : 0);
      if (ENDS[fault]) assert.equal(kimi.requests.length, 2, 'nothing is sent after a stop');
      else assert.equal(files.get('a.txt'), 'count 2');
      if (end.kind === 'stopped') assert.ok(english(end.reason).length > 30 && !english(end.reason).includes(TEST_KEY));
    });
  }

  it('never runs a call that was cut in half, and asks again with twice the cap', async () => {
    const { kimi, events } = await play(around('length_cut'));
    assert.deepEqual(
      kimi.requests.map(({ maxOutput }) => maxOutput),
      [32_768, 32_768, 65_536, 32_768, 32_768],
    );
    assert.equal(texts(events, 'tool_start').filter((text) => text.includes('write_file')).length, 1);
    assert.ok(!kimi.requests.at(-1)!.body.includes('count 1'));
  });

  it('keeps the complete calls of an answer that was cut in a later one', async () => {
    const cut: Turn = { calls: [...read().calls!, ...write('lost').calls!], fault: 'length_cut' };
    const { kimi, files, end } = await play([cut, write('kept'), command(), finish()]);
    assert.equal(end.kind, 'finished');
    assert.equal(files.get('a.txt'), 'kept');
    assert.match(kimi.requests[1]!.body.toString(), /count 0.*cut at the output limit here/);
  });

  for (const lost of [
    { ...write('lost'), fault: 'markup_in_text' },
    { ...write('lost'), text: 'I change it now.', fault: 'markup_in_text' },
    { ...write('lost'), fault: 'markup_in_reasoning' },
    { ...write('lost'), text: 'All done.', fault: 'markup_in_reasoning' },
    { ...write('lost'), fault: 'nameless_call' },
    { ...write('lost'), text: 'Now the rest:', fault: 'nameless_call' },
  ] as const) {
    it(`takes ${lost.fault}${'text' in lost ? ' beside text' : ''} for no end of the work, however often`, async () => {
      const started = [write('count 1'), command()];
      const saved = await play([...started, lost, lost, write('count 2'), command(), finish()]);
      assert.equal(outcomeOf(saved.end), 'finished');
      assert.equal(saved.files.get('a.txt'), 'count 2');
      assert.match(saved.kimi.requests[3]!.body.toString(), /Your tool call came (as text|without a name) and did not run/);
      assert.deepEqual(
        saved.kimi.requests.slice(2, 6).map(({ thinking }) => thinking),
        ['enabled', 'enabled', 'disabled', 'enabled'],
      );
      assert.ok(!saved.kimi.requests.at(-1)!.body.includes('<|'), 'the markup is not shown to the model again');
      const never = await play(({ index }) => started[index] ?? lost);
      assert.equal(outcomeOf(never.end), 'loop_detected');
      assert.equal(never.kimi.requests.length, 5);
      assert.deepEqual(ourFaults(never.kimi), []);
    });
  }

  it('counts a lost call anew after a plain stop was sent back', async () => {
    const { end } = await play([write('1'), { text: 'Done.' }, { ...command(), fault: 'markup_in_text' }, command(), finish()]);
    assert.deepEqual(end, { kind: 'finished', summary: 'It counts.', commitMessage: 'Count' });
  });

  it('ends when answers are cut again and again', async () => {
    const { end, kimi } = await play(() => write('long', { fault: 'length_cut' }));
    assert.equal(outcomeOf(end), 'loop_detected');
    assert.equal(kimi.requests.length, 4);
  });

  it('teaches after broken arguments and unknown tools', async () => {
    const { kimi, end } = await play([
      write('1', { fault: 'broken_json' }),
      { calls: [{ name: 'delete_all', args: {} }] },
      write('2'),
      command(),
      finish(),
    ]);
    assert.equal(end.kind, 'finished');
    assert.match(kimi.requests[1]!.body.toString(), /not a JSON object.*required: path, content/);
    assert.match(kimi.requests[2]!.body.toString(), /no tool .*delete_all.*read_file, write_file, run_command, finish/);
  });

  for (const fault of [
    'usage_in_details',
    'usage_in_choice',
    'usage_twice',
    'no_done',
    'whole_arguments',
    'whole_json',
    'gzip',
    'crlf',
    'split_bytes',
  ] as const) {
    it(`counts to the token with ${fault}`, async () => {
      const { totals, kimi } = await play([
        read(),
        write('数🧮é'.repeat(800), { fault }),
        write('y', { fault }),
        command('ls', { fault }),
        finish(),
      ]);
      assert.deepEqual(totals.usage, serverCount(kimi.requests));
      assert.ok(totals.usage.cached > 0);
      assert.ok(kimi.requests.at(-1)!.body.includes('数🧮é'.repeat(800)), 'what the model wrote comes back as it was');
    });
  }

  it('keeps calls apart whose pieces take turns', async () => {
    const calls = [...write('first '.repeat(30)).calls!, ...write('second '.repeat(30)).calls!];
    for (const fault of ['interleaved_calls', 'calls_without_index', 'stop_with_calls'] as const) {
      const { kimi, files } = await play([{ calls, fault }, command(), finish()]);
      assert.equal(files.get('a.txt'), 'second '.repeat(30), fault);
      const sent = JSON.parse(kimi.requests[1]!.body.toString()).messages.at(-3).tool_calls;
      assert.deepEqual(
        sent.map((call: { function: { arguments: string } }) => JSON.parse(call.function.arguments).content),
        ['first '.repeat(30), 'second '.repeat(30)],
        fault,
      );
    }
  });

  it('says of frames that are none that the answer broke off, in no words of a package', async () => {
    const odd = async () => new Response('data: {"choices":[null]}\n\n', { headers: { 'content-type': 'text/event-stream' } });
    const { end } = await play([finish()], { fetch: odd });
    assert.equal(outcomeOf(end), 'api_unreachable');
    assert.ok(end.kind === 'stopped' && !/propert|null/.test(english(end.reason)), JSON.stringify(end));
  });

  it('reads an error that comes as the whole answer, with status 200', async () => {
    const body = { error: { message: 'You exceeded your current token quota', type: 'exceeded_current_quota_error' } };
    const { end } = await play([finish()], { fetch: async () => Response.json(body) });
    assert.equal(outcomeOf(end), 'quota_exhausted');
  });

  it('gives up a whole answer that stalls, and leaves it when cancelled', async () => {
    const server = createServer((_, res) => res.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const access = { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, apiKey: TEST_KEY, model: 'kimi-k2.6' };
    const stalled = await (await createClient(access, 100)).send(Buffer.from('{}'), new AbortController().signal);
    assert.match(english(stalled.kind === 'problem' ? stalled.problem.ours : null), /no data for 0\.1 s/);
    const left = await (await createClient(access, 60_000)).send(Buffer.from('{}'), AbortSignal.timeout(100));
    assert.equal(left.kind, 'cancelled');
    server.closeAllConnections();
    server.close();
  });

  it('waits until the time that a proxy names in a header', async () => {
    const { clock } = await play([{ fault: '429_bare' }, finish()]);
    assert.ok(clock.slept[0]! >= 6000 && clock.slept[0]! < 10_000, `${clock.slept}`);
  });

  it('tells a web page from an answer, and sends the request to no other host', async () => {
    const elsewhere = await startKimi({ scenario: [finish()] });
    const page = await play([{ fault: 'web_page' }]);
    assert.match(page.end.kind === 'stopped' ? english(page.end.reason) : '', /web page.*base URL.*\/v1/);
    const kimi = await startKimi({ scenario: [{ fault: 'redirect' }] });
    const toElsewhere: typeof fetch = async (url, init) => {
      const response = await fetch(url, init);
      const location = `${elsewhere.baseUrl}/chat/completions`;
      return response.status === 307 ? new Response(null, { status: 307, headers: { location } }) : response;
    };
    const { end } = await playOn(kimi, { fetch: toElsewhere });
    const reason = english(end.kind === 'stopped' ? end.reason : null);
    assert.ok(reason.includes(`KIMI_BASE_URL to ${elsewhere.baseUrl} `), reason);
    await Promise.all([kimi.close(), elsewhere.close()]);
    assert.equal(elsewhere.requests.length, 0);
  });

  it('asks for the window at no other host either', async () => {
    const elsewhere = await startKimi({ scenario: [] });
    const portal = createServer((req, res) => {
      if (req.url === '/v1/models') res.writeHead(302, { location: `${elsewhere.baseUrl}/models` }).end();
      else res.writeHead(307, { location: `${elsewhere.baseUrl}/chat/completions` }).end();
    });
    await new Promise<void>((resolve) => portal.listen(0, '127.0.0.1', resolve));
    const access = { baseUrl: `http://127.0.0.1:${(portal.address() as AddressInfo).port}/v1`, apiKey: TEST_KEY, model: 'kimi-k2.6' };
    assert.equal(await fetchModels(access, httpFetch, new AbortController().signal), null);
    const client = await createClient(access, 5000);
    const sent = await client.send(Buffer.from('{}'), new AbortController().signal);
    assert.ok(sent.kind === 'problem' && sent.problem.status === 307);
    portal.close();
    await elsewhere.close();
    assert.deepEqual([elsewhere.requests, elsewhere.lists], [[], []]);
  });

  for (const fault of ['no_usage', 'reset_mid_stream', 'no_finish'] as const) {
    it(`estimates what ${fault} hides, and never too little`, async () => {
      const { totals, kimi, events } = await play(around(fault));
      const server = serverCount(kimi.requests);
      assert.ok(totals.usage.input >= server.input && totals.usage.input < server.input * 1.3);
      const journalled = events.reduce(
        (sum, event) => sum + ((event.type === 'reply' || event.type === 'spent') && event.usage ? event.usage.input : 0),
        0,
      );
      assert.equal(journalled, totals.usage.input);
    });
  }

  it('says what a proxy that wants a password needs', async () => {
    const proxy = createServer().on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const https_proxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const kimi = await startKimi({ scenario: [] });
    const proxied = await proxyFetch({ https_proxy });
    const fetchImpl = proxied.ok ? proxied.fetch : undefined;
    const { end } = await playOn(kimi, { api: { baseUrl: 'https://api.moonshot.ai/v1' }, fetch: fetchImpl! });
    await kimi.close();
    proxy.close();
    assert.equal(outcomeOf(end), 'api_unreachable');
    assert.match(end.kind === 'stopped' ? english(end.reason) : '', /proxy.*407.*HTTPS_PROXY.*user:password/);
  });

  it('says that nobody listens there', async () => {
    const kimi = await startKimi({ scenario: [] });
    await kimi.close();
    const { end } = await playOn(kimi);
    assert.equal(outcomeOf(end), 'api_unreachable');
    assert.match(end.kind === 'stopped' ? english(end.reason) : '', /ECONNREFUSED/);
  });

  it('explains a key of the other region, which works there', async () => {
    const script = [read(), write('count 1'), command(), finish()];
    const [cn, ai] = await Promise.all(['sk-of-china', 'sk-of-the-world'].map((key) => startKimi({ scenario: script, key })));
    const routed: typeof fetch = (url, init) =>
      fetch(String(url).replace('https://api.moonshot.cn/v1', cn!.baseUrl).replace('https://api.moonshot.ai/v1', ai!.baseUrl), init);
    const api = { baseUrl: 'https://api.moonshot.cn/v1', apiKey: 'sk-of-the-world' };
    const refused = await playOn(cn!, { api, fetch: routed });
    const advised = /https:\/\/api\.moonshot\.\w+\/v1/g;
    const there =
      refused.end.kind === 'stopped'
        ? english(refused.end.reason)
            .match(advised)!
            .find((url) => url !== api.baseUrl)!
        : '';
    const taken = await playOn(ai!, { api: { ...api, baseUrl: there }, fetch: routed });
    await Promise.all([cn!.close(), ai!.close()]);
    assert.equal(outcomeOf(refused.end), 'auth_failed');
    assert.equal(outcomeOf(taken.end), 'finished');
    assert.equal(cn!.requests.length, 0, 'the loop asked once, and no answer was made');
  });

  it('explains a wrong key by the region', async () => {
    const kimi = await startKimi({ scenario: [] });
    const toLoopback: typeof fetch = (url, init) => fetch(String(url).replace('https://api.moonshot.cn/v1', kimi.baseUrl), init);
    const { end } = await playOn(kimi, { api: { baseUrl: 'https://api.moonshot.cn/v1', apiKey: 'sk-other-region' }, fetch: toLoopback });
    await kimi.close();
    assert.equal(outcomeOf(end), 'auth_failed');
    assert.match(end.kind === 'stopped' ? english(end.reason) : '', /https:\/\/api\.moonshot\.ai\/v1/);
  });
});

describe('an injected fetch', () => {
  it('may be that of the undici package, which knows proxies', async () => {
    const { fetch: undiciFetch } = await import('undici');
    const { end, kimi, totals } = await play([read(), write('1'), command(), finish()], { fetch: undiciFetch as unknown as typeof fetch });
    assert.equal(outcomeOf(end), 'finished');
    assert.deepEqual(totals.usage, serverCount(kimi.requests));
  });
});

describe('the environment', () => {
  it('of the openai package changes nothing: address, headers, organization, output', async () => {
    const hostile = {
      OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
      OPENAI_ORG_ID: 'org-x',
      OPENAI_PROJECT_ID: 'proj-x',
      OPENAI_ADMIN_KEY: 'sk-admin',
      OPENAI_CUSTOM_HEADERS: 'Authorization: Bearer sk-other\nX-Leak: 1',
      OPENAI_LOG: 'debug',
    };
    const sent: Headers[] = [];
    const spy: typeof fetch = (url, init) => {
      sent.push(new Headers(init?.headers));
      return fetch(url, init);
    };
    const written: string[] = [];
    const write_ = process.stdout.write;
    const old = Object.fromEntries(Object.keys(hostile).map((name) => [name, process.env[name]]));
    try {
      Object.assign(process.env, hostile);
      process.stdout.write = ((chunk: string) => written.push(String(chunk)) > 0) as typeof process.stdout.write;
      const { end } = await play([finish()], { fetch: spy });
      assert.equal(outcomeOf(end), 'finished');
    } finally {
      process.stdout.write = write_;
      for (const [name, value] of Object.entries(old)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
    assert.deepEqual(written, []);
    assert.deepEqual([...sent[0]!.keys()], ['accept', 'authorization', 'content-type', 'user-agent']);
    assert.equal(sent[0]!.get('authorization'), `Bearer ${TEST_KEY}`);
  });

  it('a key with a line break is refused with a word about it, and never shown', async () => {
    const { end, kimi } = await play([finish()], { api: { apiKey: 'sk-broken\nkey' } });
    assert.equal(outcomeOf(end), 'auth_failed');
    assert.ok(end.kind === 'stopped' && !english(end.reason).includes('sk-broken'));
    assert.equal(kimi.requests.length, 0);
  });
});
