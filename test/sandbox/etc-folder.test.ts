import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeEtcFolder } from '../../src/sandbox/etc-folder.ts';
import { holdsPassword } from '../../src/sandbox/holds-password.ts';

describe('the /etc of a sandbox', () => {
  const root = mkdtempSync(join(tmpdir(), 'etc-'));
  after(() => rmSync(root, { recursive: true, force: true }));

  it('holds what is named, no passwords, no other users and no names of other machines', () => {
    const hostEtc = join(root, 'host');
    for (const folder of ['ssl/certs', 'ssl/private', 'java-17/management']) mkdirSync(join(hostEtc, folder), { recursive: true });
    const files = {
      shadow: 'x',
      passwd: 'ann:x:1:1::/home/ann:/bin/sh\n',
      npmrc: '//r/:_authToken=abc\n',
      'pip.conf': '[global]\nretries = 2\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(hostEtc, name), text);
    writeFileSync(join(hostEtc, 'hosts'), '127.0.0.1 localhost app.test\n10.0.0.5 vault.internal\n');
    writeFileSync(join(hostEtc, 'java-17/java.security'), 'a=b\n');
    writeFileSync(join(hostEtc, 'java-17/management/jmxremote.password'), 'x\n');
    const folder = join(root, 'etc');
    const mounts = makeEtcFolder(folder, { home: '/tmp/home', shell: '/bin/sh', hostEtc });
    assert.deepEqual(
      mounts.map(({ at }) => at),
      ['/etc', '/etc/ssl/certs'],
    );
    for (const name of ['shadow', 'npmrc', 'ssl/private', 'java-17/management/jmxremote.password'])
      assert.ok(!existsSync(join(folder, name)), name);
    for (const name of ['pip.conf', 'java-17/java.security']) assert.ok(existsSync(join(folder, name)), name);
    assert.doesNotMatch(readFileSync(join(folder, 'passwd'), 'utf8'), /\/home\/ann/);
    assert.match(readFileSync(join(folder, 'hosts'), 'utf8'), /^127\.0\.0\.1 localhost app\.test\n127\.0\.1\.1 /);
  });

  it('holds no logins that administrators put where each shell, R or Perl of the machine reads them', () => {
    const hostEtc = join(root, 'logins');
    const files: Readonly<Record<string, string>> = {
      'bash.bashrc': 'export https_proxy=http://ann:s3cret@proxy.corp.example:3128\n',
      'R/Renviron.site': 'GITHUB_PAT=s3cret\n',
      'R/Rprofile.site': 'options(repos = "https://ann:s3cret@cran.corp.example")\n',
      'perl/CPAN/Config.pm': "'urllist' => [q[http://ann:s3cret@cpan.corp.example]],\n",
      'php/conf.d/corp.ini': 'corp.dsn = "redis://user:s3cret@cache"\n; as http://a:b@c\n',
      'php/8.2/cli/conf.d/session.ini': 'session.save_path = "tcp://cache:6379?auth=s3cret"\n',
      'php/8.2/cli/php.ini': 'mysqli.default_pw = s3cret\n',
      'php/8.2/fpm/pool.d/www.conf': '[www]\nenv[DB_PASSWORD] = s3cret\n',
      'perl/CPAN/Own.pm': "'proxy_pass' => q[s3cret],\n",
      'chromium/policies/enrollment/CloudManagementEnrollmentToken': 's3cret',
    };
    const plain: Readonly<Record<string, string>> = {
      'R/Makeconf': 'CC = gcc\n',
      'php/php.ini': '; proxy = http://user:password@proxy\nmysqli.default_pw =\nextension = a\n',
      'java-17/net.properties': 'jdk.http.auth.tunneling.disabledSchemes=Basic\n# http://user:password@proxy\n',
    };
    for (const [name, text] of Object.entries({ ...files, ...plain })) {
      mkdirSync(join(hostEtc, dirname(name)), { recursive: true });
      writeFileSync(join(hostEtc, name), text);
    }
    const folder = join(root, 'etc-logins');
    makeEtcFolder(folder, { home: '/tmp/home', shell: '/bin/sh', hostEtc });
    assert.deepEqual(
      Object.keys({ ...files, ...plain }).filter((name) => existsSync(join(folder, name))),
      Object.keys(plain),
    );
  });

  it('shows certificates and not the keys that lie among them, alone, with a certificate, or kept from others', () => {
    const hostEtc = join(root, 'keys');
    const key = '-----BEGIN PRIVATE KEY-----\ns3cret\n';
    const files = {
      'own.key': key,
      'both.pem': `-----BEGIN CERTIFICATE-----\n${key}`,
      'closed.pem': 's3cret',
      'ca.pem': '-----BEGIN CERTIFICATE-----\n',
    };
    mkdirSync(join(hostEtc, 'ssl/certs'), { recursive: true });
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(hostEtc, 'ssl/certs', name), text, { mode: name === 'closed.pem' ? 0o640 : 0o644 });
    const mounts = makeEtcFolder(join(root, 'etc-keys'), { home: '/tmp/home', shell: '/bin/sh', hostEtc });
    const closed = mounts.flatMap(({ kind, at }) => (kind === 'unreadable' ? [at] : []));
    assert.deepEqual(
      closed.toSorted(),
      ['both.pem', 'closed.pem', 'own.key'].map((name) => `/etc/ssl/certs/${name}`),
    );
  });

  it('names a name server, and none of the host', () => {
    const folder = join(root, 'etc');
    makeEtcFolder(folder, { home: '/tmp/home', shell: '/bin/sh' });
    assert.equal(readFileSync(join(folder, 'resolv.conf'), 'utf8'), 'nameserver 127.0.0.1\n');
  });

  it('gives the user the home of inside, also to whoever runs as nobody, as services in containers do', () => {
    const { getuid, getgid } = process;
    try {
      for (const id of [0, 1000, 65534]) {
        Object.assign(process, { getuid: () => id, getgid: () => id });
        const folder = join(root, `etc-${id}`);
        makeEtcFolder(folder, { home: '/home/inside', shell: '/bin/sh' });
        // Lookups take the first line that fits.
        const first = (file: string) =>
          readFileSync(join(folder, file), 'utf8')
            .split('\n')
            .find((line) => line.split(':')[2] === String(id));
        assert.equal(first('passwd')?.split(':')[5], '/home/inside', String(id));
        assert.ok(first('group'), String(id));
      }
    } finally {
      Object.assign(process, { getuid, getgid });
    }
  });

  it('tells a password in settings from a comment that shows how', () => {
    const alone = ['https://ghp_16C7e42F292c6912E7710c838347Ae178B4a@github.com/a', 'https://xK9sAbcDEF12ghIJ:@pypi.fury.io/ann/'];
    const headers = [
      'extraheader = AUTHORIZATION: basic eDp5',
      '<name>Private-Token</name><value>x</value>',
      "name = 'Deploy-Token'; value = x",
    ];
    const shells = ['set -gx API_TOKEN x', 'setenv DB_PASSWORD x', 'set --export --global AWS_SECRET_ACCESS_KEY x'];
    for (const text of [...alone, ...headers, ...shells]) assert.ok(holdsPassword(Buffer.from(text)), text);
    for (const text of ['_authToken=x', 'index-url = https://a:b@c/', '<password>x</password>', 'channels: [https://c/t/tk-123456789/x]'])
      assert.ok(holdsPassword(Buffer.from(text)), text);
    const scripts = [
      "credentials { username 'ann'\n password 'x' }",
      'credentials { username "ann"; password "x" }',
      "credentials { password('x') }",
      "credentials.setPassword('x')",
      'credentials { password.set("x") }',
      "credentials(HttpHeaderCredentials) { name 'X-Api'\n value 'x' }",
      'credentials += Credentials("Realm", "h.example", "ann", "x")',
      ':repositories [["corp" {:url "https://h" :password "x"}]]',
      '{password, "x"}.',
      '[{api_key,<<"x">>}].',
      "keyring.set_password('h', 'ann', 'x')",
      'Sys.setenv(GITHUB_PAT="x")',
      'export DB_PW=x',
    ];
    const more = [
      '<add key="ClearTextPassword" value="x" />',
      '<httpHeaders><property><name>X-JFrog-Art-Api</name><value>x</value></property></httpHeaders>',
      '["password","x"]',
      'machine h.example login ann password x',
      "url 'https://ann:x y@h.example/m'",
      "url 'https://ann:x/y@h.example/m'",
      "url 'https:ann:x@h.example/m'",
      'https://acc.blob.core.windows.net/c?sv=2020&sig=x',
      'http.header = Bearer abcdefghijklmnop',
      'x = ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    ];
    for (const text of [...scripts, ...more]) assert.ok(holdsPassword(Buffer.from(text)), text);
    const none = [
      'credentials(PasswordCredentials::class)',
      "password System.getenv('NEXUS')",
      'password.set(providers.gradleProperty("nexus"))',
      'OLDPWD="$PWD"',
      'PWD=/x',
      'https://h.example:8443/org/_packaging/feed@Release/npm/',
      "password ''",
      'basic usage',
    ];
    for (const text of none) assert.ok(!holdsPassword(Buffer.from(text)), text);
    const users = [
      'https://git@github.com/a',
      'https://corp@dev.azure.com/a',
      'ssh://git@host/a',
      'https://ann.smith%40example.org@host/a',
    ];
    for (const text of [...users, 'SQLite format 3\0https://r/ v1', 'set -gx VIRTUAL_ENV /x', 'setenv VIRTUAL_ENV /x'])
      assert.ok(!holdsPassword(Buffer.from(text)), text);
    for (const text of ['registry=https://r/', '<!-- <password>x</password> -->', '# password = x'])
      assert.ok(!holdsPassword(Buffer.from(text)), text);
  });
});
