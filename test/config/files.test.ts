import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveSettings } from '../../src/config.ts';
import { fileLayers } from '../../src/setting-files.ts';
import { english } from '../messages/english.ts';

describe('settings: files', () => {
  let root: string;
  let home: string;
  let program: string;
  const startedIn = process.cwd();

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'ckm-config-'));
    home = path.join(root, 'state');
    program = path.join(root, 'package', 'dist', 'server.cjs');
    mkdirSync(home);
    mkdirSync(path.dirname(program), { recursive: true });
  });
  afterEach(() => {
    process.chdir(startedIn);
    rmSync(root, { recursive: true, force: true });
  });

  const layers = () => fileLayers(home, program);
  const write = (file: string, text: string) => writeFileSync(path.join(root, file), text);
  const makeClone = (name = 'claude-kimi-mcp') => {
    write('package/package.json', JSON.stringify({ name }));
    mkdirSync(path.join(root, 'package', 'src'));
  };

  it('no file, no layer', () => assert.deepEqual(layers(), []));

  it('reads comments, quotes, blanks, CRLF and a byte order mark', () => {
    write(
      'state/.env',
      '\ufeffKIMI_API_KEY="sk-abcdefgh1234"\r\n# a comment\r\n\r\nexport KIMI_MODEL=kimi-k3 # why\r\n KIMI_MAX_STEPS = 20 \r\nOTHER=1\r\n',
    );
    const [layer] = layers();
    assert.deepEqual(layer?.values, { apiKey: 'sk-abcdefgh1234', model: 'kimi-k3', maxSteps: '20' });
    assert.equal(layer?.label, path.join(home, '.env'));
    assert.equal(layer?.source, 'file');
  });

  it("never reads the working directory's .env", () => {
    write('.env', 'KIMI_BASE_URL=https://evil.example\nKIMI_API_KEY=sk-evil-evil\n');
    process.chdir(root);
    assert.deepEqual(layers(), []);
  });

  it("reads the .env beside this project's package.json in a clone, after the one in the state directory", () => {
    makeClone();
    write('package/.env', 'KIMI_API_KEY=sk-from-clone\nKIMI_MODEL=kimi-k3\n');
    write('state/.env', 'KIMI_API_KEY=sk-from-state\n');
    const found = layers();
    assert.deepEqual(
      found.map(({ label }) => label),
      [path.join(home, '.env'), path.join(root, 'package', '.env')],
    );
    const resolution = resolveSettings(found);
    assert.ok(resolution.ok);
    assert.equal(resolution.settings.values.apiKey, 'sk-from-state');
    assert.equal(resolution.settings.values.model, 'kimi-k3');
  });

  it('reads no .env beside a package that is installed, or that is another', () => {
    write('package/.env', 'KIMI_API_KEY=sk-from-clone\n');
    assert.deepEqual(layers(), [], 'no package.json');
    write('package/package.json', JSON.stringify({ name: 'claude-kimi-mcp' }));
    assert.deepEqual(layers(), [], 'no sources: installed from the registry');
    makeClone('another-project');
    assert.deepEqual(layers(), []);
    write('package/package.json', '{ torn');
    assert.deepEqual(layers(), []);
  });

  describe('what a file refuses or keeps back', () => {
    const REFUSES = 'KIMI_REPOSITORIES=deny\nKIMI_NEVER_SEND=secret/**\n';
    const put = (content: string | Buffer) => writeFileSync(path.join(home, '.env'), content);
    const problemsOf = () => {
      const resolution = resolveSettings(layers());
      return resolution.ok ? [] : resolution.problems.map(english);
    };

    it('is not lost behind a link that leads nowhere, as while the drive with it is away', () => {
      for (const target of ['/nowhere/dotfiles/.env', path.join(home, '.env')]) {
        symlinkSync(target, path.join(home, '.env'));
        assert.match(problemsOf().join(), /cannot be read \((ENOENT|ELOOP)\)/);
        rmSync(path.join(home, '.env'));
      }
    });

    it('is not waited for behind a pipe, a device or more than anybody writes, and not lost', () => {
      const file = path.join(home, '.env');
      for (const lay of [
        () => execFileSync('mkfifo', [file]),
        () => symlinkSync('/dev/zero', file),
        () => writeFileSync(file, 'A=1\n'.repeat(300_000)),
      ]) {
        lay();
        assert.match(problemsOf().join(), /cannot be read \(it (is no file|has more than 1 MB)\)/);
        rmSync(file);
      }
    });

    it('is not lost in another encoding, which does not matter in a comment', () => {
      for (const bytes of [
        Buffer.from(`\ufeff${REFUSES}`, 'utf16le'),
        Buffer.from(REFUSES, 'utf16le'),
        Buffer.from(REFUSES, 'utf16le').swap16(),
        Buffer.from('KIMI_REPOSITORIES={"/home/ann/B\u00fcro":"deny"}\n', 'latin1'),
      ]) {
        put(bytes);
        assert.match(problemsOf().join(), /not written in UTF-8/);
      }
      put(Buffer.from(`# f\u00fcr\nOTHER=\u00fc\n${REFUSES}`, 'latin1'));
      assert.deepEqual(problemsOf(), []);
    });

    it('is not lost in a form that is not read, nor behind a quote that ends elsewhere', () => {
      for (const text of [
        ...['KIMI_REPOSITORIES: deny', 'set KIMI_REPOSITORIES=deny', 'setenv KIMI_REPOSITORIES deny', '$env:KIMI_REPOSITORIES = "deny"'],
        ...['- KIMI_REPOSITORIES=deny', 'declare -x KIMI_REPOSITORIES="deny"', 'kimi_repositories=deny', 'KIMI_REPOSITORIES deny'],
        ...["NAME='it\nKIMI_REPOSITORIES=deny\nB='x'", 'KIMI_MODEL="k\nKIMI_REPOSITORIES=deny\nB="x"'],
        ...['KIMI_REPOSITORIES="allow", deny', `export KIMI_REPOSITORIES='{"/a":"deny"}' '{"/b":"deny"}'`],
      ]) {
        put(`${text}\n`);
        assert.match(problemsOf().join(), /has KIMI_(REPOSITORIES|MODEL) in a form that is not read/, text);
      }
      for (const text of [
        '# KIMI_REPOSITORIES: deny',
        '; KIMI_REPOSITORIES=deny',
        '// KIMI_MODEL=x',
        'OTHER=1 # KIMI_MODEL=x',
        'what KIMI_MODEL is',
      ])
        assert.deepEqual([put(`KEY="-----BEGIN\nabc\n-----END"\n${text}\nKIMI_MODEL="k" # why\n`), problemsOf()], [undefined, []], text);
    });

    it('counts in each of the lines that say something of it', () => {
      put(
        'KIMI_REPOSITORIES={"/a":"deny","/c":"allow"}\nKIMI_NEVER_SEND=a/**,!b\nKIMI_REPOSITORIES=allow\nKIMI_NEVER_SEND="c/**","d/**"\n',
      );
      assert.match(problemsOf().join(), /KIMI_NEVER_SEND in a form/);
      put(
        'KIMI_REPOSITORIES={"/a":"deny","/c":"allow"}\nKIMI_NEVER_SEND=a/**,!b\nKIMI_REPOSITORIES=allow\nKIMI_NEVER_SEND=c/**, "d/**"\nKIMI_PROTECTED_BRANCHES=x\nKIMI_PROTECTED_BRANCHES=y z\n',
      );
      const resolution = resolveSettings(layers());
      assert.ok(resolution.ok);
      const { repositories, neverSend, protectedBranches } = resolution.settings.values;
      assert.deepEqual(repositories, { '*': 'allow', '/a': 'deny' });
      assert.deepEqual(neverSend, ['a/**', '!b', 'c/**', 'd/**']);
      assert.deepEqual(protectedBranches, ['x', 'y', 'z']);
    });
  });

  it('a file that cannot be read is a problem that is told, not a crash and not silence', () => {
    mkdirSync(path.join(home, '.env'));
    const resolution = resolveSettings(layers());
    assert.equal(resolution.ok, false);
    if (!resolution.ok) assert.match(resolution.problems.map(english).join(), /\.env cannot be read \(EISDIR\)\. Make it a file/);
  });
});
