import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { type Packed, pack, ROOT, untar } from './pack.ts';

/** The files of a zip archive, by its central directory. */
function unzip(file: string): Map<string, Buffer> {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size, nameLength] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
    const local = zip.readUInt32LE(at + 42);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const data = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(data, data + size);
    files.set(name, method === 0 ? bytes : inflateRawSync(bytes));
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

function within(files: Map<string, Buffer>, folder: string): Map<string, Buffer> {
  return new Map([...files].flatMap(([name, bytes]) => (name.startsWith(folder) ? [[name.slice(folder.length), bytes]] : [])));
}

function walkthroughPictures(): string[] {
  const { contributes } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  const pictures = contributes.walkthroughs.flatMap(({ steps }: { steps: { media: { image: string } }[] }) =>
    steps.map(({ media }) => media.image),
  );
  assert.ok(pictures.length >= 4);
  return pictures.sort();
}

/** The packages of which the program holds parts. */
const BUNDLED = ['@modelcontextprotocol/sdk', 'compare-versions', 'jsonc-parser', 'openai', 'unbash', 'undici', 'zod'];
const MEGABYTE = 1e6;

describe('the packages', function () {
  this.timeout(120_000);
  let packed: Packed;
  let vsix: Map<string, Buffer>;
  let npm: Map<string, Buffer>;
  before(() => {
    packed = pack();
    vsix = within(unzip(packed.vsix), 'extension/');
    npm = within(untar(packed.tgz), 'package/');
  });
  after(() => packed?.remove());

  const each = (look: (files: Map<string, Buffer>, which: string) => void) => {
    look(vsix, 'vsix');
    look(npm, 'npm');
  };
  const pieces = (files: Map<string, Buffer>, piece: RegExp) => {
    const names = [...files.keys()].sort();
    for (const name of names.filter((candidate) => piece.test(candidate))) assert.match(name, /^dist\/(window|server)\/[\w-]+\.cjs$/);
    return names.filter((candidate) => !piece.test(candidate));
  };

  it('VS Code: what runs and what is shown, and nothing else', () => {
    assert.deepEqual(pieces(vsix, /^dist\/(window|server)\//), [
      'LICENSE.txt',
      'changelog.md',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/attempts-main.cjs',
      'dist/attempts.cjs',
      'dist/extension.cjs',
      'dist/launch.cjs',
      'dist/old-node.cjs',
      'dist/server-main.cjs',
      'dist/server.cjs',
      'l10n/bundle.l10n.zh-cn.json',
      'media/icon.png',
      ...walkthroughPictures(),
      'media/tree.svg',
      'package.json',
      'package.nls.json',
      'package.nls.zh-cn.json',
      'readme.md',
    ]);
  });

  it('VS Code: a page for its users, with three pictures of the release', () => {
    const page = vsix.get('readme.md')!.toString();
    assert.doesNotMatch(page, /git clone|\.\.\/media|npm install/);
    const released = pack(undefined, { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'ann/kimi' });
    try {
      const text = within(unzip(released.vsix), 'extension/').get('readme.md')!.toString();
      const pictures = [...text.split('## 中文')[0]!.matchAll(/!\[[^\]]+\]\(([^)]+)\)/g)].map(([, url]) => url!);
      assert.equal(pictures.length, 3);
      for (const url of pictures) {
        const file = url.replace(`https://github.com/ann/kimi/raw/v${packed.version}/`, '');
        assert.ok(statSync(path.join(ROOT, file)).size > 0, url);
      }
    } finally {
      released.remove();
    }
  });

  it('vsix: no piece that only the terminal loads, and none missing that anything here does', () => {
    const required = new Set<string>();
    for (const [file, bytes] of vsix)
      for (const [, name] of bytes.toString().matchAll(/\b(?:require|import)\(["'](\.{1,2}\/[^"']+\.cjs)["']\)/g))
        required.add(path.posix.join(path.posix.dirname(file), name!));
    assert.deepEqual(
      [...required].filter((name) => !vsix.has(name)),
      [],
    );
    const parts = [...vsix.keys()].filter((name) => /^dist\/(window|server)\//.test(name));
    assert.deepEqual(
      parts.filter((name) => !required.has(name)),
      [],
    );
    assert.ok(!parts.some((name) => /(doctor|setup|demo|stats|chinese)-\w{8}\.cjs$/.test(name) && name.startsWith('dist/server/')));
    for (const name of ['server/handle-calls', 'window/window-feed'])
      assert.ok(
        parts.some((part) => part.startsWith(`dist/${name}`)),
        name,
      );
  });

  it('npm: what runs and what is read, and nothing else', () => {
    assert.deepEqual(pieces(npm, /^dist\/server\//), [
      'LICENSE',
      'README.md',
      'dist/THIRD-PARTY-LICENSES.txt',
      'dist/attempts-main.cjs',
      'dist/attempts.cjs',
      'dist/cli-main.cjs',
      'dist/cli.js',
      'dist/demo-main.cjs',
      'dist/launch.cjs',
      'dist/old-node.cjs',
      'dist/server-main.cjs',
      'dist/server.cjs',
      'package.json',
    ]);
  });

  it('npm: a manifest that installs nothing else, runs nothing, and asks for no newer Node than is needed', () => {
    const manifest = JSON.parse(npm.get('package.json')!.toString());
    const { version, license, files } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const { description, keywords, ...rest } = manifest;
    assert.ok(description && keywords.length > 3);
    assert.deepEqual(rest, {
      name: 'claude-kimi-mcp',
      version,
      license,
      type: 'module',
      bin: { 'claude-kimi-mcp': 'dist/cli.js' },
      engines: { node: '>=20.12' },
      files,
    });
  });

  it('npm: small enough to be started at once', () => {
    const unpacked = [...npm.values()].reduce((sum, bytes) => sum + bytes.length, 0);
    assert.ok(unpacked < 3.2 * MEGABYTE, `${unpacked} bytes unpacked`);
    const { size } = statSync(packed.tgz);
    assert.ok(size < MEGABYTE, `${size} bytes`); // as the changelog says: less than a second at 10 Mbit/s
  });

  it('of another version, for tests of updates, differ in the version and in nothing else', () => {
    const newer = pack('7.1.0');
    try {
      const files = within(untar(newer.tgz), 'package/');
      assert.deepEqual([...files.keys()], [...npm.keys()]);
      const version = /(?<![\d.])7\.1\.0(?![\d.])/g;
      for (const [name, bytes] of files) assert.ok(bytes.toString().replace(version, packed.version) === npm.get(name)!.toString(), name);
      assert.match(files.get('package.json')!.toString(), version);
    } finally {
      newer.remove();
    }
  });

  it('an installation from git packs the same files', () => {
    const listing = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--prefix', ROOT], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const [{ files }] = JSON.parse(listing) as [{ files: { path: string }[] }];
    assert.deepEqual(files.map((file) => file.path).sort(), [...npm.keys()].sort());
  });

  it('cannot be published by mistake from the checkout, whose manifest is for developers', () => {
    assert.equal(JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).private, true);
  });

  it('bring the licenses of what is bundled, word for word', () => {
    each((files, which) => {
      const licenses = files.get('dist/THIRD-PARTY-LICENSES.txt')!.toString();
      for (const name of which === 'npm' ? [...BUNDLED, 'simple-git'] : BUNDLED) {
        const folder = path.join(ROOT, 'node_modules', name);
        const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
        assert.match(licenses, new RegExp(`^${name} ${version} \\(`, 'm'), which);
        const own = readdirSync(folder).find((file) => /^license/i.test(file))!;
        assert.ok(licenses.includes(readFileSync(path.join(folder, own), 'utf8').trim()), `${which}: ${name}`);
      }
    });
  });

  it('hold no sources, tests, maps or secrets, and name no place of the machine that made them', () => {
    each((files, which) => {
      for (const [name, bytes] of files) {
        assert.ok(!/(^|\/)(\.[^/]+|node_modules|src|test|scripts)(\/|$)|\.(ts|map|pem|key)$/.test(name), `${which}: ${name}`);
        assert.ok(!bytes.includes(ROOT), `${which}: ${name}`);
        assert.ok(!bytes.includes('sourceMappingURL=data:'), `${which}: ${name}`);
      }
    });
  });

  it('VS Code: a manifest for the marketplace: no scripts, no packages, and names in the language of the user', () => {
    const manifest = JSON.parse(vsix.get('package.json')!.toString());
    for (const name of ['scripts', 'devDependencies', 'dependencies', 'optionalDependencies', 'bin', 'files', 'private', 'type'])
      assert.equal(manifest[name], undefined, name);
    assert.equal(manifest.displayName, '%extension.displayName%');
    assert.equal(manifest.main, './dist/extension.cjs');
    assert.deepEqual(manifest.extensionKind, ['workspace']);
    assert.deepEqual(manifest.engines, { vscode: '^1.101.0' });
    assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  });

  it('VS Code: small to activate: what is not needed at once lies in files of its own', () => {
    const size = vsix.get('dist/extension.cjs')!.length;
    assert.ok(size < 53_000, `${size} bytes`);
  });
});
