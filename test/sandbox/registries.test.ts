import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isOpen, withoutLogin } from '../../src/sandbox/plain-addresses.ts';
import { makePrivateHome } from '../../src/sandbox/private-home.ts';
import { readRegistries } from '../../src/sandbox/registries.ts';

/** Stands wherever users put a secret; it must be nowhere in what commands get. */
const TOKEN = 'tok3nT0kenAbc123';

const SETTINGS: readonly { tool: string; file: string; given: string; kept: string; hosts: readonly string[] }[] = [
  {
    tool: 'npm',
    file: '.npmrc',
    given: `# mine\nregistry=https://ann:${TOKEN}@npm.corp.example/all/\n@corp:registry=https://npm.corp.example/corp/?t=${TOKEN}\n//npm.corp.example/all/:_authToken=${TOKEN}\nalways-auth=true\nscript-shell=/bin/evil\nemail=ann@example.org\n`,
    kept: 'registry=https://npm.corp.example/all/\n@corp:registry=https://npm.corp.example/corp/\n',
    hosts: ['npm.corp.example'],
  },
  {
    tool: 'Yarn 1',
    file: '.yarnrc',
    given: 'registry "https://yarn.corp.example/"\nyarn-path "/evil.js"\n',
    kept: 'registry "https://yarn.corp.example/"\n',
    hosts: ['yarn.corp.example'],
  },
  {
    tool: 'Yarn',
    file: '.yarnrc.yml',
    given: `nodeLinker: node-modules\nnpmAuthToken: "${TOKEN}"\nnpmScopes:\n  plain:\n    npmAuthToken: ${TOKEN}\n  corp:\n    npmAuthToken: "${TOKEN}"\n    npmRegistryServer: "https://yarn.corp.example/corp"\nnpmRegistryServer: https://yarn.corp.example\nyarnPath: /evil.cjs\n`,
    kept: 'npmRegistryServer: "https://yarn.corp.example"\nnpmScopes:\n  corp:\n    npmRegistryServer: "https://yarn.corp.example/corp"\n',
    hosts: ['yarn.corp.example'],
  },
  {
    tool: 'Bun',
    file: '.bunfig.toml',
    given: `[install]\nregistry = "https://bun.corp.example"\npreload = ["/evil.ts"]\n[install.scopes]\ncorp = { token = "${TOKEN}", url = "https://x.example/" }\n`,
    kept: '[install]\nregistry = "https://bun.corp.example"\n',
    hosts: ['bun.corp.example'],
  },
  {
    tool: 'pip',
    file: '.config/pip/pip.conf',
    given: `[global]\nindex-url = https://ann:${TOKEN}@pypi.corp.example/simple\nextra-index-url =\n    https://more.corp.example/simple ; the other\n    https://${TOKEN}@third.corp.example/simple\npassword = ${TOKEN}\n[list]\nformat = columns\n`,
    kept: '[global]\nindex-url = https://pypi.corp.example/simple\nextra-index-url = https://more.corp.example/simple https://third.corp.example/simple\n',
    hosts: ['pypi.corp.example', 'more.corp.example', 'third.corp.example'],
  },
  {
    tool: 'uv',
    file: '.config/uv/uv.toml',
    given: `index-url = "https://uv.corp.example/simple"\nkeyring-provider = "subprocess"\n[[index]]\nname = "corp"\nurl = "https://ann:${TOKEN}@uv2.corp.example/simple"\ndefault = true\n`,
    kept: 'index-url = "https://uv.corp.example/simple"\n[[index]]\nname = "corp"\nurl = "https://uv2.corp.example/simple"\ndefault = true\n',
    hosts: ['uv.corp.example', 'uv2.corp.example'],
  },
  {
    tool: 'conda',
    file: '.condarc',
    given: `channels:\n  - https://conda.corp.example/t/${TOKEN}/forge\n  - https://conda.corp.example/forge\n  - defaults\nssl_verify: false\n`,
    kept: 'channels:\n- https://conda.corp.example/forge\n- defaults\n',
    hosts: ['conda.corp.example'],
  },
  {
    tool: 'Cargo',
    file: '.cargo/config.toml',
    given: `[build]\nrustc-wrapper = "/evil"\n[source.crates-io]\nreplace-with = "corp"\n[source.corp]\nregistry = "sparse+https://cargo.corp.example/index/"\n[registries.corp]\nindex = "https://ann:${TOKEN}@git.corp.example/index"\ntoken = "${TOKEN}"\n[registry]\ndefault = "corp"\ntoken = "${TOKEN}"\n`,
    kept: '[source.crates-io]\nreplace-with = "corp"\n[source.corp]\nregistry = "sparse+https://cargo.corp.example/index/"\n[registries.corp]\nindex = "https://git.corp.example/index"\n[registry]\ndefault = "corp"\n',
    hosts: ['cargo.corp.example', 'git.corp.example'],
  },
  {
    tool: 'Go',
    file: '.config/go/env',
    given: `GOPROXY=https://ann:${TOKEN}@go.corp.example,direct\nGOPRIVATE=corp.example/*\nGOFLAGS=-toolexec=/evil\nGOAUTH=netrc\n`,
    kept: 'GOPROXY=https://go.corp.example,direct\nGOPRIVATE=corp.example/*\n',
    hosts: ['go.corp.example'],
  },
  {
    tool: 'Maven',
    file: '.m2/settings.xml',
    given: `<settings><servers><server><id>corp</id><password>${TOKEN}</password></server></servers><!-- <mirror><id>old</id><url>https://old.example</url></mirror> -->
<mirrors><mirror><id>corp</id><mirrorOf>*</mirrorOf><url>https://ann:${TOKEN}@mvn.corp.example/all</url></mirror></mirrors>
<profiles><profile><id>corp</id><properties><key.password>${TOKEN}</key.password></properties><repositories><repository><id>more</id><url>https://more.corp.example/</url><snapshots><enabled>true</enabled></snapshots></repository></repositories></profile><profile><id>other</id><properties><a>b</a></properties></profile></profiles>
<activeProfiles><activeProfile>corp</activeProfile></activeProfiles></settings>`,
    kept: '<settings><mirrors><mirror><id>corp</id><mirrorOf>*</mirrorOf><url>https://mvn.corp.example/all</url></mirror></mirrors><profiles><profile><id>corp</id><repositories><repository><id>more</id><url>https://more.corp.example/</url><snapshots><enabled>true</enabled></snapshots></repository></repositories></profile></profiles><activeProfiles><activeProfile>corp</activeProfile></activeProfiles></settings>\n',
    hosts: ['mvn.corp.example', 'more.corp.example'],
  },
  {
    tool: 'NuGet',
    file: '.nuget/NuGet/NuGet.Config',
    given: `<?xml version="1.0"?><configuration><packageSources><clear /><add key="corp" value="https://nuget.corp.example/v3/index.json" /></packageSources><packageSourceCredentials><corp><add key="ClearTextPassword" value="${TOKEN}" /></corp></packageSourceCredentials><apikeys><add key="https://nuget.corp.example" value="${TOKEN}" /></apikeys></configuration>`,
    kept: '<configuration><packageSources><clear />\n<add key="corp" value="https://nuget.corp.example/v3/index.json" /></packageSources></configuration>\n',
    hosts: ['nuget.corp.example'],
  },
  {
    tool: 'Composer',
    file: '.config/composer/config.json',
    given: `{"config":{"http-basic":{"php.corp.example":{"password":"${TOKEN}"}}},"repositories":[{"type":"composer","url":"https://ann:${TOKEN}@php.corp.example","options":{"http":{"header":["X: ${TOKEN}"]}}},{"packagist.org":false}]}`,
    kept: '{"repositories":[{"type":"composer","url":"https://php.corp.example"},{"packagist.org":false}]}\n',
    hosts: ['php.corp.example'],
  },
  {
    tool: 'Bundler',
    file: '.bundle/config',
    given: `---\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: "https://gems.corp.example/"\nBUNDLE_GEMS__CORP__EXAMPLE: "ann:${TOKEN}"\nBUNDLE_PATH: "/x"\n`,
    kept: 'BUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: "https://gems.corp.example/"\n',
    hosts: ['gems.corp.example'],
  },
  {
    tool: 'RubyGems',
    file: '.gemrc',
    given: `---\n:sources:\n- https://ann:${TOKEN}@gems.corp.example/\n- https://rubygems.org\n:ssl_cert: /x\n`,
    kept: ':sources:\n- https://gems.corp.example/\n- https://rubygems.org\n',
    hosts: ['gems.corp.example', 'rubygems.org'],
  },
];

describe("registries of the user's own settings", () => {
  let home: string;
  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'registries-')));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    writeFileSync(join(home, file), text);
  };

  for (const { tool, file, given, kept, hosts } of SETTINGS) {
    it(`reach commands without a token: ${tool}`, () => {
      write(file, given);
      const { files, known } = readRegistries({ HOME: home });
      assert.deepEqual(files, [{ at: file, text: kept }]);
      assert.deepEqual([...new Set(known.map(({ host }) => host))].toSorted(), hosts.toSorted());
      assert.ok(known.every(({ from }) => from === `~/${file}`));
      assert.ok(!JSON.stringify({ files, known }).includes(TOKEN));
    });
  }

  it('are told from a token in the path: names of words and numbers are none, however long', () => {
    for (const name of [
      'npm-virtual-2024',
      'team-frontend-v2',
      'python3-mirror-internal',
      'Mirror_Of_2024',
      'reg-memory-20834',
      'pypi-20241129-frozen',
    ])
      for (const end of ['/', '/simple', '']) assert.ok(isOpen(`https://corp.example/api/${name}${end}`), name);
    for (const token of [
      TOKEN,
      `x-${TOKEN}`,
      'a1b2c3d4e5f6a7b8',
      'abcdefghijklmnopqrstuvw1',
      '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
      'AbCdEfGhIjKl1234',
      'basic-9hsjdk3jd8skd',
    ])
      for (const end of ['/', '/simple', '']) assert.ok(!isOpen(`https://corp.example/${token}${end}`), token);
  });

  it('may be folders of this machine, whose names are no tokens', () => {
    for (const folder of ['file:///srv/crates', 'file:///nix/store/x9a8b7c6d5e4f3a2b1c0-crates/', 'file:///home/ann/.local/pypi-1.0'])
      for (const text of [`registry = "${folder}"`, `index-url = ${folder}`, `${folder}, https://proxy.corp.example`])
        assert.ok(isOpen(text), text);
    for (const text of [
      `file:///srv/ann:${TOKEN}@x`,
      `file://ann:${TOKEN}@corp.example/x`,
      `file:///srv/a%20${TOKEN}`,
      `file:///srv//ann@x`,
    ])
      assert.ok(!isOpen(text), text);
  });

  const LOGINS: readonly string[] = [
    `https://ann:${TOKEN} x@corp.example/`,
    `https://ann b:${TOKEN}@corp.example/`,
    `https://ann:${TOKEN}/x@corp.example/`,
    `https:ann:${TOKEN}@corp.example/`,
    `https:/ann:${TOKEN}@corp.example/`,
    `https:///ann:${TOKEN}@corp.example/`,
    `https:\\\\ann:${TOKEN}@corp.example/`,
    `//ann:${TOKEN}@corp.example/`,
    `ann:${TOKEN}@corp.example`,
    `https:\\u002F\\u002Fann:${TOKEN}@corp.example/`,
    `https://ann:${TOKEN}&#64;corp.example/`,
    `https://ann:${TOKEN}&commat;corp.example/`,
    `https://corp.example/${TOKEN},direct`,
    `https://corp.example/${TOKEN}|direct`,
    `https://corp.example/${TOKEN} https://other.example`,
    `https://corp.example/;${TOKEN}`,
    `https://corp.example/${TOKEN}.${TOKEN}/npm/`,
    `https://corp.example/${TOKEN.replace('0', '%2B')}/npm/`,
    `https://corp.example/${TOKEN.replace('0', '~')}/npm/`,
    'https://corp.example/QWxhZGRpbjpvcGVuIHNlc2FtZQ==/npm/',
    'https://corp.example/t/ab-1234567',
  ];
  for (const given of LOGINS)
    it(`are none with a login that is written in another way: ${given}`, () => {
      assert.equal(isOpen(withoutLogin(given)), false);
      write('.config/uv/uv.toml', `index-url = "${given}"\nextra-index-url = ["${given}", "https://corp.example/simple"]\n`);
      write('.m2/settings.xml', `<settings><mirrors><mirror><id>a</id><url>${given}</url></mirror></mirrors></settings>`);
      write('.config/composer/config.json', JSON.stringify({ repositories: [{ url: given }, { url: 'https://corp.example/' }] }));
      write('.npmrc', `registry=${given}\n`);
      const found = readRegistries({ HOME: home, GOPROXY: given });
      assert.deepEqual(found.variables, {});
      assert.deepEqual(found.files, [{ at: '.config/composer/config.json', text: '{"repositories":[{"url":"https://corp.example/"}]}\n' }]);
    });

  it('are what they are where something else than a login is written in them', () => {
    for (const address of [
      'https://pkgs.corp.example/org/My%20Project/_packaging/feed@Release/npm/registry/',
      'https://npm.corp.example:8443/@owner',
      'http://[::1]:4873/',
      'sparse+https://cargo.corp.example/index/',
      'https://npm.corp.example/${ORG}/npm/',
      '@corp:registry=https://npm.corp.example/',
      'BUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: "https://gems.corp.example/"',
      'index-url = ["https://a.example", "https://b.example"]',
      'https://go.corp.example,https://more.example|direct',
      'sum.corp.example+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8 https://sum.corp.example',
      '*.corp.example,github.com/corp/*',
    ])
      assert.ok(isOpen(withoutLogin(address)), address);
  });

  it('by variables as well, and files where a variable names them', () => {
    write('work.npmrc', 'registry=https://npm.corp.example:8443/\n');
    write('rust/config.toml', '[registries.corp]\nindex = "sparse+https://cargo.corp.example/"\n');
    const found = readRegistries({
      HOME: home,
      npm_config_userconfig: join(home, 'work.npmrc'),
      CARGO_HOME: join(home, 'rust'),
      GOPROXY: `https://ann:${TOKEN}@go.corp.example|direct`,
      PIP_INDEX_URL: `https://pypi.corp.example/simple?token=${TOKEN}`,
      UV_INDEX: `https://dl.corp.example/${TOKEN}/corp/simple`,
      HEX_MIRROR: 'https://hex.corp.example\nEVIL=1',
    });
    assert.deepEqual(found.variables, { GOPROXY: 'https://go.corp.example|direct', PIP_INDEX_URL: 'https://pypi.corp.example/simple' });
    assert.deepEqual(
      found.files.map(({ at }) => at),
      ['.npmrc', 'rust/config.toml'],
    );
    assert.deepEqual(found.known[0], { host: 'npm.corp.example', port: 8443, from: '~/work.npmrc' });
  });

  it('are none where a file is no file, too large, or broken', () => {
    mkdirSync(join(home, '.npmrc'));
    write('.gemrc', `:sources:\n- https://x.example\n${' '.repeat(300_000)}`);
    write('.config/composer/config.json', '{"repositories":');
    symlinkSync('/dev/zero', join(home, '.yarnrc'));
    assert.deepEqual(readRegistries({ HOME: home }).files, []);
    assert.deepEqual(readRegistries({}), { files: [], variables: {}, known: [] });
  });

  it('lie in the home of commands, and no link that a command left there leads out of it', () => {
    write('.npmrc', 'registry=https://npm.corp.example/\n');
    write('.m2/settings.xml', '<settings><mirrors><mirror><url>https://mvn.corp.example</url></mirror></mirrors></settings>');
    const temp = join(home, 'temp');
    mkdirSync(join(temp, 'home'), { recursive: true });
    mkdirSync(join(home, 'outside'));
    symlinkSync(join(home, 'outside'), join(temp, 'home/.m2'));
    writeFileSync(join(temp, 'home/.npmrc'), 'own\n');
    makePrivateHome({ temp, gitDefaults: { identity: false, branch: null }, env: { HOME: home } });
    assert.match(readFileSync(join(temp, 'home/.m2/settings.xml'), 'utf8'), /mvn\.corp\.example/);
    assert.equal(readFileSync(join(temp, 'home/.npmrc'), 'utf8'), 'own\n');
    assert.throws(() => readFileSync(join(home, 'outside/settings.xml')));
  });
});
