import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nameRules } from '../../../src/agent/never-send/name-rules.ts';
import { MASK, neverSend } from '../../../src/agent/never-send/never-send.ts';
import { globSteps } from '../../../src/common/glob.ts';
import { maskSecrets } from '../../../src/common/secret-forms.ts';

const KEY = `-----BEGIN RSA PRIVATE KEY-----\n${['QxZEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj', 'rT7bT0UswFQx1vPz3m2Kc9dXlqYhEJ4gWnRbAoVfZiL8kS6tUyMpNeDHaCwGj5OB'].join('\n')}\n-----END RSA PRIVATE KEY-----`;
const SECRETS = ['DB_PASSWORD=hunter2-horse', 'STRIPE=k8Jd0sLq2PzXv7Rt', 'URL=postgres://app:s3cr3tpw@db.internal/x', 'PIN: 9917-x'];

describe('what is never sent', () => {
  it('knows files by their names, whatever their case and folder', () => {
    const { isWithheld } = nameRules();
    for (const name of [
      ...[
        '.env',
        'a/.ENV.local',
        'prod.env',
        'x/server.PEM',
        'id_rsa',
        '.ssh/id_ed25519',
        'a/.npmrc',
        '.aws/credentials',
        'b/.docker/config.json',
      ],
      ...['infra/prod.tfvars', 'terraform.tfstate.backup', 'config/secrets.yml', 'config/master.key', 'service-account-prod.json'],
    ])
      assert.equal(isWithheld(name), true, name);
    for (const name of [
      '.env.example',
      'a/.env.local.sample',
      'id_rsa.pub',
      'src/env.ts',
      'config.json',
      'src/key.ts',
      'environment.yml',
      'x.tfvars.example',
    ])
      assert.equal(isWithheld(name), false, name);
  });

  it('takes a pattern back for the user, and never for the repository', () => {
    const { isWithheld } = nameRules(['!.env.test', 'private/'], ['!.env', 'docs/internal', '*.secret']);
    assert.deepEqual(
      ['.env.test', 'private/a.md', 'a/private/b', '.env', 'docs/internal/x.md', 'a/b.secret', 'docs/a.md'].map(isWithheld),
      [false, true, true, true, true, true, false],
    );
  });

  it('lets the content decide of certificates and registries', () => {
    const never = neverSend();
    const certificate = Buffer.from(KEY.replaceAll('RSA PRIVATE KEY', 'CERTIFICATE'));
    assert.equal(never.withheld('a.pem', certificate), null);
    assert.equal(never.withheld('a.pem', Buffer.from(KEY)), 'a.pem');
    assert.equal(never.withheld('.npmrc', Buffer.from('save-exact=true\n')), null);
    assert.equal(never.withheld('.npmrc', Buffer.from('//r/:_authToken=abc\n')), '.npmrc');
  });

  it('knows copies, and lets the model see what it wrote itself', () => {
    const never = neverSend();
    const bytes = Buffer.from('API_KEY=abcd1234efgh\n');
    never.learn('.env', bytes);
    assert.equal(never.withheld('backup.txt', bytes), '.env');
    const own = Buffer.from('PORT=1\n');
    never.wrote('.env.ci', own);
    assert.equal(never.withheld('.env.ci', own), null);
    assert.equal(never.withheld('.env.ci', Buffer.from('PORT=2\n')), '.env.ci');
  });

  it('masks what a withheld file holds, and leaves ordinary words', () => {
    const never = neverSend();
    never.learn(
      '.env',
      Buffer.from('NODE_ENV=production\nexport DB_PASSWORD="hunter2 horse"\nDB_HOST=db1\nURL=postgres://app:s3cr3tpw@db/x # main\n'),
    );
    assert.equal(never.mask('NODE_ENV=production npm test'), 'NODE_ENV=production npm test');
    assert.equal(never.mask('.env:1:NODE_ENV=production\n'), `.env:1:${MASK}\n`);
    assert.equal(never.mask('run in production on db1 with hunter2 horse'), `run in production on db1 with ${MASK}`);
    assert.doesNotMatch(never.mask('the password s3cr3tpw, ok'), /s3cr3tpw/);
  });

  it('masks the same twice, keeps the number of lines, and leaves nothing of a secret in any text', () => {
    const never = neverSend();
    never.learn('.env', Buffer.from(SECRETS.join('\n')));
    const planted = [...SECRETS, 'hunter2-horse', 'k8Jd0sLq2PzXv7Rt', 's3cr3tpw', KEY];
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constantFrom(...planted), fc.string(), fc.constantFrom('\n', ' ', '"', '+', '\t')), { maxLength: 30 }),
        (parts) => {
          const text = parts.join('');
          const masked = never.mask(text);
          assert.equal(never.mask(masked), masked);
          assert.equal(masked.split('\n').length, text.split('\n').length);
          for (const secret of ['hunter2-horse', 'k8Jd0sLq2PzXv7Rt', 's3cr3tpw', KEY]) assert.ok(!masked.includes(secret), secret);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('masks keys that a cut left without their frame, at any cut between lines', () => {
    const lines = `a: 1\n${KEY}\nb: 2`.split('\n');
    for (let at = 0; at <= lines.length; at++) {
      for (const part of [lines.slice(0, at), lines.slice(at)]) {
        const hasFrame = part.some((line) => line.includes('PRIVATE KEY'));
        if (hasFrame) assert.doesNotMatch(maskSecrets(part.join('\n'), MASK), /QxZEvQ|rT7bT0/, String(at));
      }
    }
    const never = neverSend();
    never.learnKeysOf('config.yml', Buffer.from(lines.join('\n')));
    for (const line of lines.slice(2, 4)) assert.equal(never.mask(line), MASK);
  });

  it('leaves code that looks for keys, and what documents write in their place', () => {
    for (const text of [
      "if (text.startsWith('-----BEGIN PRIVATE KEY-----')) return read(text);\nend('-----END PRIVATE KEY-----')",
      'AKIAIOSFODNN7EXAMPLE, sk-fading-circle-container-1, ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      'postgres://postgres:postgres@localhost/app',
    ])
      assert.equal(maskSecrets(text, MASK), text);
  });

  it('takes a text of any size in a time that its length bounds', function () {
    this.timeout(5000);
    for (const piece of ['-----BEGIN PRIVATE KEY-----\n', '-----END PRIVATE KEY-----\n', 'A', '://a:', 'sk-', 'pypi-AgE', 'a~3Q~']) {
      maskSecrets(piece.repeat(200_000 / piece.length), MASK);
    }
  });

  it('takes values that a repository made alike, in a time that the text bounds, and shows nothing that it did not compare', function () {
    this.timeout(20_000); // it took minutes
    const never = neverSend();
    for (let file = 0; file < 10; file++)
      never.learn(`${file}.env`, Buffer.from(Array.from({ length: 250 }, (_, at) => `${'a'.repeat(3900)}${file}-${at}`).join('\n')));
    const text = `first\n${'a'.repeat(30_000)}\nlast\n`;
    const masked = never.mask(text);
    assert.ok(masked.startsWith('first\n'));
    assert.ok(!masked.includes('last'), 'nobody looked there');
    assert.equal(never.mask('a text of another kind'), 'a text of another kind');
  });

  it('takes 500 patterns of a repository for 20,000 files in much less than the seconds in which nobody else is answered', function () {
    this.timeout(60_000); // it took ten seconds of one processor
    const ms = [0, 1, 2].map(() => {
      const rules = nameRules(
        [],
        Array.from({ length: 500 }, (_, at) => (at % 2 === 0 ? `packages/p${at}*/fix*/**` : `**/a${at}*/b*c*/**`)),
      );
      const start = process.cpuUsage();
      for (let file = 0; file < 20_000; file++) rules.isWithheld(`packages/q${file % 50}/src/deep/file${file}.ts`);
      return process.cpuUsage(start).user / 1000;
    });
    assert.ok(Math.min(...ms) < 4000, `${ms.join(', ')} ms`);
  });

  it('tries each pattern where it can fit, whichever text in it is the longest', () => {
    for (const [pattern, path] of [
      ['a/**/b.txt', 'a/b.txt'],
      ['a/**', 'a/x'],
      ['**/secret/**/x', 'secret/x'],
      ['/docs/[a-c]*long-name/*.md', 'docs/b-long-name/x.md'],
      ['x?y*z', 'deep/xayQz'],
      ['ÄÖ*/Ü', 'a\u0308o\u0308-1/U\u0308'],
      ['**', 'anything'],
      ['a**b', 'a-long-b'],
      ['/x/', 'x/y/z'],
    ] as const)
      assert.equal(nameRules([pattern]).isWithheld(path), true, `${pattern} ${path}`);
  });

  it('takes patterns that cost much for such as fit', () => {
    const rules = nameRules(
      [],
      Array.from({ length: 480 }, (_, at) => `*${'a'.repeat(100)}b*${at}`),
    );
    const before = globSteps();
    assert.equal(rules.isWithheld(`d/${'a'.repeat(120)}b${'a'.repeat(100)}`), true);
    assert.ok(globSteps() - before < 50_000, `${globSteps() - before} characters compared`);
    assert.equal(rules.isWithheld(`d/${'a'.repeat(220)}`), false, 'none of them can fit');
    assert.deepEqual(rules.among(['src/app.ts', 'docs/a-longer-name-of-a-page.md']), []);
  });

  it('masks a value that begins within another one', () => {
    const never = neverSend();
    never.learn('.env', Buffer.from('HOST_NAME_TOKEN=zz-host-9f3k2-x7\nOTHER_TOKEN=9f3k2-x7Qm4Lp8Wd\n'));
    assert.equal(never.mask('zz-host-9f3k2-x7Qm4Lp8Wd!'), `${MASK}!`);
  });

  // Neighbours: minified JSON, a netrc with its password below, a list, quotes over two lines.
  it('knows secrets of any length, behind any number of lines, and below their name', () => {
    const long = Array.from({ length: 600 }, (_, at) => `k${(at * 7919 + 104_729).toString(36)}Z`).join('');
    const many = Array.from({ length: 12_000 }, (_, at) => `  "id${at}": "a name of part ${at}",`).join('\n');
    const files: readonly [string, string, readonly string[]][] = [
      ['.env', `KEYSTORE=${long}\n`, [long]],
      ['terraform.tfstate', `{\n${many}\n  "password": "tiger-lake"\n}\n`, ['tiger-lake']],
      ['secrets.yml', 'db:\n  password: >-\n    Tr0ub4dor\n  tokens:\n    - zebra7 pie\n  mode: plain\n', ['Tr0ub4dor', 'zebra7 pie']],
      ['.netrc', 'machine h\nlogin me\npassword\n  blue-horse\n', ['blue-horse']],
      ['a.env', 'API_TOKEN="first-half\nlower.half"\n', ['first-half', 'lower.half']],
      ['secrets.json', '{"a":{"password":"kettle-nine","mode":"plain"}}', ['kettle-nine']],
    ];
    for (const [name, text, secrets] of files) {
      const never = neverSend();
      never.learn(name, Buffer.from(text));
      for (const secret of secrets)
        assert.equal(never.mask(`got ${secret}!`).replaceAll(MASK, ''), 'got !', `${name}: ${secret.slice(0, 20)}`);
      assert.equal(never.mask('mode: a plain text'), 'mode: a plain text');
    }
  });

  // Neighbours: names in quotes, umlauts as `cat -v` and other encodings show them.
  it('knows a value in the forms in which programs read and write it', () => {
    const value = `aB3&"x/y'<z\\9+w`;
    const read = neverSend();
    read.learn('secrets.json', Buffer.from('{"password":"aB3\\u0026\\"x\\/y\'\\u003cz\\\\9+w"}\n'));
    assert.equal(read.mask(`is ${value}.`), `is ${MASK}.`);
    const properties = neverSend();
    properties.learn('a.env', Buffer.from('db.password=ab\\:c\\=qwert7\n'));
    assert.equal(properties.mask('is ab:c=qwert7.'), `is ${MASK}.`);
    const never = neverSend();
    never.learn('.env', Buffer.from(`DB_PASSWORD=${value}\n`));
    const html = 'aB3&amp;&quot;x/y&#x27;&lt;z\\9+w';
    for (const form of [value, JSON.stringify(value), JSON.stringify(value).replaceAll('/', '\\/'), html, encodeURIComponent(value)])
      assert.doesNotMatch(never.mask(`is ${form}.`), /aB3|9\+w|z\\/, form);
    const latin = neverSend();
    latin.learn('.env', Buffer.from('DB_PASSWORD=p\xe4ss7-longer-word\n', 'latin1'));
    for (const shown of ['p\xe4ss7-longer-word', 'p\ufffdss7-longer-word', 'M-dss7-longer-word', 'p\u6f73s7-longer-word'])
      assert.doesNotMatch(latin.mask(shown), /longer/, shown);
  });

  it('knows a value in base64 and hexadecimal, wherever in a file it stands and lines are broken', () => {
    const secret = 'k8Jd0sLq2PzXv7Rt+9wM/4hTyUbN';
    const own = `STRIPE=${secret}\nPASSWORD=example\n`;
    const never = neverSend();
    never.learn('.env', Buffer.from(own));
    // A stretch of a value that nobody could guess from the rest.
    const pieces = Array.from({ length: secret.length - 11 }, (_, at) => secret.slice(at, at + 12));
    for (let before = 0; before < 60; before += 1) {
      const bytes = Buffer.from(`${'#'.repeat(before)}\n${own}${'x'.repeat(before % 7)}`);
      const base64 = bytes.toString('base64');
      const hex = bytes.toString('hex');
      const broken = (text: string, width: number) => text.replace(new RegExp(`.{${width}}`, 'g'), '$&\n');
      for (const [text, back] of [
        [base64, 'base64'],
        [broken(base64, 76), 'base64'],
        [broken(base64, 64), 'base64'],
        [bytes.toString('base64url'), 'base64url'],
        [hex, 'hex'],
        [hex.toUpperCase(), 'hex'],
        [broken(hex, 60), 'hex'],
      ] as const) {
        const masked = never.mask(text);
        assert.equal(masked.split('\n').length, text.split('\n').length);
        const left = masked.split(MASK).map((part) => Buffer.from(part.replaceAll('\n', ''), back).toString('latin1'));
        // What is left of it stands beside the mask; of base64 that begins anew anywhere, and is read in each way.
        const read = masked
          .split(MASK)
          .flatMap((part) => [0, 1, 2, 3].map((from) => Buffer.from(part.replaceAll('\n', '').slice(from), back).toString('latin1')));
        for (const piece of pieces) assert.ok(![...left, ...read].some((one) => one.includes(piece)), `${before} ${back} ${masked}`);
      }
    }
  });
  it('takes nothing else for a value in base64', () => {
    const never = neverSend();
    never.learn('.env', Buffer.from('DATABASE_URL=postgres://app:s3cr3tpw@db.internal/shop\nPASSWORD=changeme\nMODE=development\n'));
    for (const text of ['DATABASE_URL=postgres://localhost/', 'PASSWORD=changeme', 'development', 'postgres://app:'])
      for (const encoding of ['base64', 'hex'] as const) {
        const encoded = Buffer.from(text).toString(encoding);
        assert.equal(never.mask(encoded), encoded, text);
      }
  });
  it('learns and finds very many values that begin alike, in a time that grows with their number', function () {
    this.timeout(20_000);
    const never = neverSend();
    const lines = Array.from({ length: 20_000 }, (_, at) => `DATABASE_PASSWORD_TOKEN=qq${(at * 7919).toString(36)}Zk9`);
    never.learn('.env', Buffer.from(lines.join('\n')));
    const masked = never.mask(lines.slice(-3000).join('\n'));
    assert.doesNotMatch(masked, /Zk9/);
    assert.equal(masked.split('\n').length, 3000);
  });
});
