import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

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

describe('the packed extension', function () {
  this.timeout(20_000);
  let folder: string;
  let files: Map<string, Buffer>;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-vsix-'));
    const file = path.join(folder, 'extension.vsix');
    const packed = spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'package.mjs'), file], { encoding: 'utf8' });
    assert.equal(packed.status, 0, packed.stdout + packed.stderr);
    files = unzip(file);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what runs and what is shown, and nothing else', () => {
    const names = [...files.keys()].filter((name) => name.startsWith('extension/')).map((name) => name.slice('extension/'.length));
    const piece = /^dist\/(window|server)\//;
    const plain = names.filter((name) => !piece.test(name)).sort();
    assert.deepEqual(plain, [
      'LICENSE.txt',
      'changelog.md',
      'dist/extension.cjs',
      'dist/launch.cjs',
      'dist/server-main.cjs',
      'dist/server.cjs',
      'l10n/bundle.l10n.zh-cn.json',
      'media/icon.png',
      'media/tree.svg',
      'package.json',
      'package.nls.json',
      'package.nls.zh-cn.json',
      'readme.md',
    ]);
    for (const name of names.filter((candidate) => piece.test(candidate))) assert.match(name, /^dist\/(window|server)\/[\w-]+\.cjs$/);
  });

  it('has a manifest for the marketplace: no scripts, no packages, and names in the language of the user', () => {
    const manifest = JSON.parse(files.get('extension/package.json')!.toString());
    for (const name of ['scripts', 'devDependencies', 'dependencies', 'optionalDependencies', 'bin', 'files'])
      assert.equal(manifest[name], undefined, name);
    assert.equal(manifest.displayName, '%extension.displayName%');
    assert.equal(manifest.main, './dist/extension.cjs');
    assert.deepEqual(manifest.extensionKind, ['workspace']);
    assert.deepEqual(manifest.engines, { vscode: '^1.101.0' });
    assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
  });

  it('names no place of the machine that made it', () => {
    for (const [name, bytes] of files) assert.ok(!bytes.includes(ROOT), name);
  });

  it('is small to activate: what is not needed at once lies in files of its own', () => {
    const size = files.get('extension/dist/extension.cjs')!.length;
    assert.ok(size < 40_000, `${size} bytes`);
  });
});
