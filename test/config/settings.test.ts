import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Currency, currencyOf } from '../../src/common/currency.ts';
import {
  budgetOf,
  hostsFor,
  isUsualHost,
  modelOf,
  type Resolution,
  reachableHosts,
  resolveSettings,
  type SettingLayer,
  type SettingName,
  variableLayer,
} from '../../src/config.ts';
import { ECOSYSTEMS } from '../../src/sandbox/ecosystems.ts';
import { english } from '../messages/english.ts';

const KEY = 'sk-1234567890abcdef';
const call = (values: SettingLayer['values']): SettingLayer => ({ source: 'call', label: 'this call', values });
const environment = (variables: Record<string, string>) => variableLayer('environment', 'the environment', variables);
const window = (values: SettingLayer['values']): SettingLayer => ({ source: 'window', label: 'the VS Code window', values });
const file = (variables: Record<string, string>) => variableLayer('file', '/home/ann/.claude-kimi-mcp/.env', variables);

function settings(...layers: SettingLayer[]) {
  const resolution = resolveSettings(layers);
  assert.ok(resolution.ok, resolution.ok ? '' : resolution.problems.join('\n'));
  return resolution.settings;
}

function problems(...layers: SettingLayer[]): readonly string[] {
  const resolution: Resolution = resolveSettings(layers);
  assert.equal(resolution.ok, false, 'expected a problem');
  return resolution.ok ? [] : resolution.problems.map(english);
}

describe('settings: who wins', () => {
  it('takes no branch that a file protects away by the list of a window, in which a folder may have written', () => {
    const ofFile = file({ KIMI_PROTECTED_BRANCHES: 'main, staging' });
    assert.deepEqual(settings(window({ protectedBranches: ['main', 'mine'] }), ofFile).values.protectedBranches, [
      'main',
      'mine',
      'staging',
    ]);
    assert.deepEqual(settings(environment({ KIMI_PROTECTED_BRANCHES: 'mine' }), ofFile).values.protectedBranches, ['mine']);
    assert.equal(problems(window({ protectedBranches: [7] }), ofFile).length, 1);
  });

  const layers = [
    call({ maxSteps: 11 }),
    environment({ KIMI_MAX_STEPS: '12' }),
    window({ maxSteps: 13 }),
    file({ KIMI_MAX_STEPS: '14' }),
  ] as const;
  const expected: readonly [number, string][] = [
    [11, 'call'],
    [12, 'environment'],
    [13, 'window'],
    [14, 'file'],
    [50, 'default'],
  ];
  for (const [index, [steps, source]] of expected.entries()) {
    it(`${source} before what stands behind it`, () => {
      const resolved = settings(...layers.slice(index));
      assert.equal(resolved.values.maxSteps, steps);
      assert.equal(resolved.origins.maxSteps.source, source);
    });
  }

  it('decides for each setting by itself', () => {
    const resolved = settings(
      call({ maxSteps: 9 }),
      environment({ KIMI_MODEL: 'kimi-k3' }),
      file({ KIMI_MODEL: 'other', KIMI_BUDGET: '2.5' }),
    );
    assert.deepEqual([resolved.values.maxSteps, resolved.values.model, resolved.values.budget], [9, 'kimi-k3', 2.5]);
    assert.match(english(resolved.origins.budget.from), /KIMI_BUDGET in \/home\/ann\/\.claude-kimi-mcp\/\.env/);
  });

  it('knows what the user added to the registries', () => {
    const reach = (hosts?: string) => reachableHosts(settings(environment(hosts ? { KIMI_ALLOWED_HOSTS: hosts } : {})).values);
    assert.deepEqual(reach(), { registries: true, more: 0 });
    assert.deepEqual(reach('registry.npmjs.org, PyPI.org'), { registries: true, more: 0 });
    assert.deepEqual(reach('registry.npmjs.org, *.example.org'), { registries: true, more: 1 });
    assert.deepEqual(reach('example.org'), { registries: false, more: 1 });
  });

  it('reads URLs with what Node 20 has', () => {
    const own = Object.getOwnPropertyDescriptor(URL, 'parse');
    Reflect.deleteProperty(URL, 'parse');
    try {
      assert.equal(settings(environment({ KIMI_BASE_URL: 'https://example.org/v1/' })).values.baseUrl, 'https://example.org/v1');
      assert.equal(problems(environment({ KIMI_BASE_URL: 'no url' })).length, 1);
    } finally {
      if (own) Object.defineProperty(URL, 'parse', own);
    }
  });

  it('has the defaults of the documentation', () => {
    const { values } = settings();
    assert.equal(values.apiKey, undefined);
    assert.equal(values.baseUrl, 'https://api.moonshot.cn/v1');
    assert.equal(values.model, 'kimi-k2.6');
    assert.equal(values.maxSteps, 50);
    assert.equal(values.maxMinutes, 120);
    assert.equal(values.disclosure, 'silent');
    assert.equal(values.sandbox, 'required');
    assert.equal(values.maxAttempts, 2);
  });

  it('takes empty values as absent', () => {
    assert.equal(settings(environment({ KIMI_MODEL: '  ', KIMI_BUDGET: '' }), file({ KIMI_MODEL: 'kimi-k3' })).values.model, 'kimi-k3');
    assert.equal(settings(call({ maxSteps: undefined, budget: null })).values.maxSteps, 50);
  });

  it('splits lists, and lets a window give them as lists', () => {
    assert.deepEqual(settings(environment({ KIMI_PROTECTED_BRANCHES: 'main, release/* ,live' })).values.protectedBranches, [
      'main',
      'release/*',
      'live',
    ]);
    assert.deepEqual(settings(environment({ KIMI_DIRECTORIES: '/a b: /c ' })).values.directories, ['/a b', '/c']);
    assert.deepEqual(settings(window({ allowedHosts: ['registry.npmjs.org', '*.example.org'] })).values.allowedHosts, [
      'registry.npmjs.org',
      '*.example.org',
    ]);
  });

  it('lets commands reach the registry of a kind of project, where the user has written no list of hosts', () => {
    const hosts = (kinds: string[], env: Record<string, string> = {}) => hostsFor(settings(environment(env)).values, kinds);
    const usual = hosts(['Go']);
    assert.ok(usual.includes('proxy.golang.org') && !usual.includes('api.nuget.org'));
    assert.deepEqual(hosts(['.NET', 'Elixir and Erlang']), [...usual, 'api.nuget.org', 'repo.hex.pm', 'builds.hex.pm']);
    assert.deepEqual(hosts(['.NET'], { KIMI_ALLOWED_HOSTS: 'pypi.org' }), ['pypi.org']);
    assert.ok(isUsualHost('API.nuget.org'), 'so that it is never reached in a private network');
    const named = new Set(ECOSYSTEMS.map(({ name }) => name));
    for (const kind of ['.NET', 'Elixir and Erlang']) assert.ok(named.has(kind), kind);
  });

  it('reads the context window, which has no default: a guess would win over what the server says', () => {
    assert.equal(settings(environment({ KIMI_CONTEXT_WINDOW: '131072' })).values.contextWindow, 131_072);
    assert.equal(settings().values.contextWindow, undefined);
    assert.equal(settings(environment({ KIMI_RETRY_MODEL: ' kimi-k3 ' })).values.retryModel, 'kimi-k3');
  });

  it('gives the second attempt its own model, where one is set', () => {
    const { values } = settings(environment({ KIMI_MODEL: 'kimi-k2.6', KIMI_RETRY_MODEL: 'kimi-k3' }));
    assert.deepEqual(
      [1, 2, 3].map((attempt) => modelOf(values, attempt).model),
      ['kimi-k2.6', 'kimi-k3', 'kimi-k3'],
    );
    for (const other of [settings(), settings(window({ retryModel: '' }))])
      assert.deepEqual(modelOf(other.values, 2), { model: 'kimi-k2.6', from: 'model' });
  });

  it('reads whether reports tell what an attempt took, from a variable as from a window', () => {
    assert.equal(settings().values.showTokenStats, true);
    for (const layer of [environment({ KIMI_SHOW_TOKEN_STATS: 'false' }), window({ showTokenStats: false })])
      assert.equal(settings(layer).values.showTokenStats, false);
    assert.equal(settings(window({ showTokenStats: false }), environment({ KIMI_SHOW_TOKEN_STATS: 'true' })).values.showTokenStats, false);
  });

  it('reads prices', () => {
    assert.deepEqual(settings(environment({ KIMI_PRICES: '0.16 / 0.95/4' })).values.prices, { hit: 0.16, miss: 0.95, out: 4 });
  });
});

describe('settings: the base URL belongs to the key', () => {
  it('is taken from the place of the key, and others are told as ignored', () => {
    const resolved = settings(
      environment({ KIMI_BASE_URL: 'https://evil.example/v1' }),
      file({ KIMI_API_KEY: KEY, KIMI_BASE_URL: 'https://api.moonshot.ai/v1/' }),
    );
    assert.equal(resolved.values.baseUrl, 'https://api.moonshot.ai/v1');
    assert.equal(resolved.ignored.length, 1);
    assert.match(english(resolved.ignored[0]), /KIMI_BASE_URL of the environment is not used.*\.env/);
  });

  it('is the default when the place of the key names none', () => {
    const resolved = settings(
      environment({ KIMI_API_KEY: KEY }),
      window({ baseUrl: 'https://evil.example' }),
      file({ KIMI_BASE_URL: 'https://b.example' }),
    );
    assert.equal(resolved.values.baseUrl, 'https://api.moonshot.cn/v1');
    assert.equal(resolved.ignored.length, 2);
  });

  it('takes the best key when there are several, with its own base URL', () => {
    const resolved = settings(
      environment({ KIMI_API_KEY: KEY, KIMI_BASE_URL: 'https://api.moonshot.ai/v1' }),
      file({ KIMI_API_KEY: 'sk-other-key-1', KIMI_BASE_URL: 'https://api.moonshot.cn/v1' }),
    );
    assert.deepEqual([resolved.values.apiKey, resolved.values.baseUrl], [KEY, 'https://api.moonshot.ai/v1']);
  });

  const URLS: readonly [string, string | null][] = [
    ['https://api.moonshot.ai/v1/', 'https://api.moonshot.ai/v1'],
    ['https://[2001:db8::1]:8443/v1', 'https://[2001:db8::1]:8443/v1'],
    ['http://localhost:8000/v1', 'http://localhost:8000/v1'],
    ['http://127.0.0.1:1', 'http://127.0.0.1:1'],
    ['http://127.8.8.8', 'http://127.8.8.8'],
    ['http://[::1]:80/v1', 'http://[::1]/v1'],
    ['http://10.1.2.3/v1', 'http://10.1.2.3/v1'],
    ['https://api.moonshot.cn/v1/chat/completions', 'https://api.moonshot.cn/v1'],
    ['https://api.moonshot.cn/v1/chat/completions/', 'https://api.moonshot.cn/v1'],
    ['https://api.example/v1/chat', 'https://api.example/v1'],
    ['https://api.example/v1/models', 'https://api.example/v1'],
    ['https://api.example/v1/responses', 'https://api.example/v1'],
    ['https://models.example/v1', 'https://models.example/v1'],
    ['"https://api.moonshot.ai/v1"', 'https://api.moonshot.ai/v1'],
    ['http://192.168.0.10', 'http://192.168.0.10'],
    ['http://172.16.0.1', 'http://172.16.0.1'],
    ['http://172.31.0.1', 'http://172.31.0.1'],
    ['http://gpu-server:8000/v1', 'http://gpu-server:8000/v1'],
    ['http://api.moonshot.ai/v1', null],
    ['http://172.15.0.1', null],
    ['http://172.32.0.1', null],
    ['http://11.0.0.1', null],
    ['http://8.8.8.8', null],
    ['http://10.evil.example', null],
    ['http://192.168.evil.example', null],
    ['http://172.16.evil.example', null],
    ['http://127.0.0.1.evil.example', null],
    ['http://localhost.evil.example', null],
    ['http://[2001:db8::1]', null],
    ['https://ann:secret@api.example', null],
    ['https://:secret@api.example', null],
    ['https://api.example/?key=1', null],
    ['https://api.example/#x', null],
    ['ftp://api.example', null],
    ['javascript:alert(1)', null],
    ['file:///etc/passwd', null],
    ['api.moonshot.cn/v1', null],
  ];
  for (const [given, result] of URLS) {
    it(`${given} is ${result === null ? 'refused' : 'taken'}`, () => {
      const layer = environment({ KIMI_API_KEY: KEY, KIMI_BASE_URL: given });
      if (result === null) assert.match(problems(layer)[0] ?? '', /^KIMI_BASE_URL in the environment is ".*; allowed is an https URL/);
      else assert.equal(settings(layer).values.baseUrl, result);
    });
  }
});

describe('settings: quotes that came along', () => {
  for (const given of [`"${KEY}"`, `'${KEY}'`, ` \`${KEY}\` `, `“${KEY}”`, `Bearer ${KEY}`, `"Bearer ${KEY}"`]) {
    it(`${given.replace(KEY, 'the key')} is the key`, () => {
      assert.equal(settings(environment({ KIMI_API_KEY: given })).values.apiKey, KEY);
      assert.equal(settings(window({ apiKey: given })).values.apiKey, KEY);
    });
  }

  it('are no part of any other value either', () => {
    const { values } = settings(environment({ KIMI_MODEL: '"kimi-k3"', KIMI_MAX_STEPS: "'30'", KIMI_CHECKS: '"npm test"' }));
    assert.deepEqual([values.model, values.maxSteps, values.checks], ['kimi-k3', 30, ['npm test']]);
  });

  it('stay where they belong to the value', () => {
    const checks = (text: string) => settings(environment({ KIMI_CHECKS: text })).values.checks;
    assert.deepEqual(checks('"my tool" --all "x"'), ['"my tool" --all "x"']);
    assert.deepEqual(checks('"'), ['"']);
  });
});

describe('settings: a bad value', () => {
  const BAD: readonly [SettingName, string, string, RegExp][] = [
    ['maxSteps', 'KIMI_MAX_STEPS', '0', /from 1 to 300/],
    ['maxMinutes', 'KIMI_MAX_MINUTES', '0', /from 1 to 1440/],
    ['maxMinutes', 'KIMI_MAX_MINUTES', '1441', /from 1 to 1440/],
    ['maxSteps', 'KIMI_MAX_STEPS', '301', /from 1 to 300/],
    ['maxSteps', 'KIMI_MAX_STEPS', '2.5', /whole number/],
    ['maxSteps', 'KIMI_MAX_STEPS', 'many', /whole number/],
    ['maxSteps', 'KIMI_MAX_STEPS', '0x10', /whole number/],
    ['budget', 'KIMI_BUDGET', '-1', /above 0/],
    ['budget', 'KIMI_BUDGET', '0', /above 0/],
    ['budget', 'KIMI_BUDGET', '$1', /above 0/],
    ['budget', 'KIMI_BUDGET', 'Infinity', /above 0/],
    ['budgetPerDay', 'KIMI_BUDGET_PER_DAY', '0', /above 0/],
    ['contextWindow', 'KIMI_CONTEXT_WINDOW', '8192', /from 16384 to 10000000/],
    ['contextWindow', 'KIMI_CONTEXT_WINDOW', '128k', /from 16384 to 10000000/],
    ['promptCacheKey', 'KIMI_PROMPT_CACHE_KEY', 'yes', /auto, on or off/],
    ['prices', 'KIMI_PRICES', '1/2', /0\.16\/0\.95\/4/],
    ['prices', 'KIMI_PRICES', '-1/2/3', /0\.16\/0\.95\/4/],
    ['disclosure', 'KIMI_DISCLOSURE', 'loud', /silent or open/],
    ['showTokenStats', 'KIMI_SHOW_TOKEN_STATS', 'no', /true or false/],
    ['sandbox', 'KIMI_SANDBOX', 'off', /required, container or unsandboxed/],
    ['sandboxProgram', 'KIMI_SANDBOX_PROGRAM', 'bwrap', /absolute path/],
    ['allowedHosts', 'KIMI_ALLOWED_HOSTS', 'https://registry.npmjs.org', /host names/],
    ['allowedHosts', 'KIMI_ALLOWED_HOSTS', '*', /host names/],
    ['directories', 'KIMI_DIRECTORIES', 'projects', /absolute paths/],
    ['maxAttempts', 'KIMI_MAX_ATTEMPTS', '11', /from 1 to 10/],
    ['answerAfterSeconds', 'KIMI_ANSWER_AFTER', '-1', /seconds/],
    ['commandTimeoutSeconds', 'KIMI_COMMAND_TIMEOUT', '601', /1 to 600/],
    ['checkTimeoutSeconds', 'KIMI_CHECK_TIMEOUT', '0', /1 to 3600/],
    ['commandMemoryMb', 'KIMI_COMMAND_MEMORY_MB', '63', /megabytes from 64 to 1048576/],
    ['commandProcesses', 'KIMI_COMMAND_PROCESSES', '8', /16 to 100000/],
    ['diskMb', 'KIMI_DISK_MB', '10 GB', /megabytes from 16 to 10485760/],
    ['retentionDays', 'KIMI_RETENTION_DAYS', '-1', /days from 0 to 3650/],
    ['retrySeconds', 'KIMI_RETRY_SECONDS', '4000', /0 to 3600/],
    ['stallSeconds', 'KIMI_STALL_SECONDS', '0', /1 to 600/],
  ];
  for (const [, variable, value, allowed] of BAD) {
    it(`${variable}=${value} is named with what it was, what is allowed and where it came from`, () => {
      const [problem = ''] = problems(file({ [variable]: value }));
      assert.ok(problem.startsWith(`${variable} in /home/ann/.claude-kimi-mcp/.env is ${JSON.stringify(value)}; allowed is `), problem);
      assert.match(problem, allowed);
    });
  }

  it('in a call is named as the argument of the tool', () => {
    for (const value of [0, 1.5, '0', true, [5], {}, 'x']) {
      assert.match(
        problems(call({ maxSteps: value }))[0] ?? '',
        /^max_steps in this call is .*; allowed is a whole number from 1 to 300\.$/,
      );
    }
    assert.match(problems(call({ budget: true }))[0] ?? '', /^budget in this call is true; allowed is an amount above 0/);
    assert.equal(settings(call({ maxSteps: '7', budget: '.5' })).values.maxSteps, 7);
  });

  it('counts only where it is used', () => {
    assert.equal(settings(call({ maxSteps: 5 }), environment({ KIMI_MAX_STEPS: 'x' })).values.maxSteps, 5);
  });

  it('is told together with the others', () => {
    assert.equal(problems(environment({ KIMI_MAX_STEPS: 'x', KIMI_BUDGET: 'y', KIMI_SANDBOX: 'z' })).length, 3);
  });

  it('is told without what somebody logs in with, as it is written into the wrong variable', () => {
    for (const [name, value] of [
      ['KIMI_BASE_URL', 'https://kimi.example/v1?key=hunter-22'],
      ['KIMI_BASE_URL', 'https://kimi.example/v1#hunter-22'],
      ['KIMI_BASE_URL', 'https://ann:hunter-22@kimi.example/v1'],
      ['KIMI_ALLOWED_HOSTS', 'ann:hunter-22@registry.example'],
      ['KIMI_PRICES', 'sk-hunter-22'],
    ] as const) {
      const [problem = ''] = problems(environment({ [name]: value }));
      assert.match(problem, /hidden/);
      assert.doesNotMatch(problem, /hunter/);
    }
  });

  it('of the key is told without the key', () => {
    for (const bad of ['short', 'has blanks in it', '${KIMI_API_KEY}', 'ключ-ключ-ключ', 'x'.repeat(513)]) {
      const [problem = ''] = problems(environment({ KIMI_API_KEY: bad }));
      assert.match(problem, /^KIMI_API_KEY in the environment is \(hidden\); allowed is /);
      assert.ok(!problem.includes(bad));
    }
  });

  it('never shows a key that landed in another variable', () => {
    const texts = [
      problems(environment({ KIMI_API_KEY: KEY, KIMI_BASE_URL: KEY })),
      problems(environment({ KIMI_BASE_URL: KEY })),
      problems(environment({ KIMI_API_KEY: 'custom.key.value', KIMI_BASE_URL: 'custom.key.value' })),
      problems(environment({ KIMI_API_KEY: 'custom.key.value', KIMI_SANDBOX: 'x custom.key.value' })),
      problems(environment({ KIMI_BASE_URL: 'https://user:hunter22@api.example' })),
    ].flat();
    assert.equal(texts.length, 5);
    for (const text of texts) assert.doesNotMatch(text, /1234567890|custom\.key|hunter22/);
  });

  it('never shows a key, whatever the key and wherever it is (random)', () => {
    const key = fc.string({ minLength: 8, maxLength: 60, unit: fc.constantFrom(...'abcXYZ0189._-') });
    fc.assert(
      fc.property(
        key,
        fc.constantFrom('KIMI_BASE_URL', 'KIMI_MAX_STEPS', 'KIMI_SANDBOX', 'KIMI_PRICES', 'KIMI_ALLOWED_HOSTS'),
        (secret, variable) => {
          const resolution = resolveSettings([environment({ KIMI_API_KEY: secret, [variable]: `!${secret}!` })]);
          assert.equal(resolution.ok, false);
          if (!resolution.ok) for (const problem of resolution.problems.map(english)) assert.ok(!problem.includes(secret), problem);
        },
      ),
      { seed: 7, numRuns: 200 },
    );
  });
});

describe('settings: currency and budget', () => {
  const TABLE: readonly [string, Currency, number][] = [
    ['https://api.moonshot.cn/v1', 'CNY', 7],
    ['https://moonshot.cn', 'CNY', 7],
    ['https://api.moonshot.ai/v1', 'USD', 1],
    ['https://evilmoonshot.cn', 'USD', 1],
    ['https://moonshot.cn.example', 'USD', 1],
    ['http://127.0.0.1:9', 'USD', 1],
  ];
  for (const [url, currency, budget] of TABLE) {
    it(`${url} bills in ${currency}, ${budget} an attempt`, () => {
      assert.equal(currencyOf(url), currency);
      assert.equal(budgetOf(settings(environment({ KIMI_API_KEY: KEY, KIMI_BASE_URL: url })).values), budget);
    });
  }

  it('a budget that is set counts in the currency of the endpoint', () => {
    assert.equal(budgetOf(settings(call({ budget: 0.25 })).values), 0.25);
  });
});
