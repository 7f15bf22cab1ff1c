import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

  it('a file that cannot be read is a problem that is told, not a crash and not silence', () => {
    mkdirSync(path.join(home, '.env'));
    const resolution = resolveSettings(layers());
    assert.equal(resolution.ok, false);
    if (!resolution.ok) assert.match(resolution.problems.map(english).join(), /\.env cannot be read \(EISDIR\)\. Make it a file/);
  });
});
