/** Plays the registries of PyPI, crates.io, Go, Packagist, RubyGems and Maven on loopback, each with one small package, for the real tools. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { crc32, gzipSync } from 'node:zlib';

export interface Registry {
  /** For the shell: `$REGISTRY` is the address, `$REGISTRY_FOLDER` holds the index of crates as a repository of git. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** What Debian's packages have for Maven; what they have not comes from the public repository. */
const MAVEN = '/usr/share/maven-repo';

export async function startRegistry(): Promise<Registry> {
  // A name without the look of a token, which would be taken out of the settings that name it.
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reg-'));
  let files: ReadonlyMap<string, Buffer | string> = new Map();
  const server = createServer((request, response) => {
    const [, wanted = ''] = /^\/([^?]*)/.exec(request.url ?? '') ?? [];
    const found = files.get(wanted) ?? (wanted.startsWith('maven/') ? mavenFile(wanted.slice(6)) : undefined);
    if (found !== undefined) response.setHeader('content-type', wanted.endsWith('/') ? 'text/html' : 'application/octet-stream').end(found);
    else if (wanted.startsWith('maven/'))
      response.writeHead(302, { location: `https://repo.maven.apache.org/maven2/${wanted.slice(6)}` }).end();
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  files = new Map([...pythonFiles(), ...goFiles(), ...rustFiles(folder, url), ...phpFiles(url), ...rubyFiles(folder)]);
  return {
    env: { REGISTRY: url, REGISTRY_FOLDER: folder },
    close: () =>
      new Promise((resolve) => {
        rmSync(folder, { recursive: true, force: true });
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Files = [path: string, content: Buffer | string][];

function mavenFile(wanted: string): Buffer | undefined {
  const file = path.join(MAVEN, path.normalize(`/${wanted}`));
  return existsSync(file) && statSync(file).isFile() ? readFileSync(file) : undefined;
}

function pythonFiles(): Files {
  const info = 'shout-1.0.dist-info';
  const wheel = zip([
    ['shout.py', 'def shout(text):\n    return text.upper()\n'],
    [`${info}/METADATA`, 'Metadata-Version: 2.1\nName: shout\nVersion: 1.0\n'],
    [`${info}/WHEEL`, 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
    [`${info}/RECORD`, ['shout.py', 'METADATA', 'WHEEL', 'RECORD'].map((name, at) => `${at ? `${info}/` : ''}${name},,\n`).join('')],
  ]);
  const name = 'shout-1.0-py3-none-any.whl';
  return [
    ['pypi/shout/', `<a href="../${name}#sha256=${sha256(wheel)}">${name}</a>`],
    [`pypi/${name}`, wheel],
  ];
}

/** go.dev/ref/mod, "GOPROXY protocol". */
function goFiles(): Files {
  const module = 'module example.org/dep\n';
  const source = 'package dep\n\nfunc Double(n int) int { return 2 * n }\n';
  const at = 'go/example.org/dep/@v';
  return [
    [`${at}/list`, 'v1.0.0\n'],
    [`${at}/v1.0.0.info`, '{"Version":"v1.0.0"}'],
    [`${at}/v1.0.0.mod`, module],
    [
      `${at}/v1.0.0.zip`,
      zip([
        ['example.org/dep@v1.0.0/go.mod', module],
        ['example.org/dep@v1.0.0/dep.go', source],
      ]),
    ],
  ];
}

/** The index is one of git, since cargo knows others from 1.68 on only. */
function rustFiles(folder: string, url: string): Files {
  const crate = path.join(folder, 'crate/shout-1.0.0');
  mkdirSync(path.join(crate, 'src'), { recursive: true });
  writeFileSync(path.join(crate, 'Cargo.toml'), '[package]\nname = "shout"\nversion = "1.0.0"\nedition = "2021"\n');
  writeFileSync(path.join(crate, 'src/lib.rs'), 'pub fn shout(text: &str) -> String {\n    text.to_uppercase()\n}\n');
  const packed = gzipSync(execFileSync('tar', ['-C', path.dirname(crate), '-cf', '-', 'shout-1.0.0']));
  const index = path.join(folder, 'crates');
  mkdirSync(path.join(index, 'sh/ou'), { recursive: true });
  writeFileSync(path.join(index, 'config.json'), JSON.stringify({ dl: `${url}/crates/{crate}-{version}.crate` }));
  const line = { name: 'shout', vers: '1.0.0', deps: [], cksum: sha256(packed), features: {}, yanked: false };
  writeFileSync(path.join(index, 'sh/ou/shout'), `${JSON.stringify(line)}\n`);
  const git = (...words: string[]) =>
    execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-C', index, ...words], { stdio: 'ignore' });
  git('init', '-q', '-b', 'master');
  git('add', '-A');
  git('commit', '-qm', 'Index');
  return [['crates/shout-1.0.0.crate', packed]];
}

function phpFiles(url: string): Files {
  const manifest = { name: 'example/shout', version: '1.0.0', autoload: { files: ['shout.php'] } };
  const packed = zip([
    ['shout/composer.json', JSON.stringify(manifest)],
    ['shout/shout.php', '<?php\nfunction shout(string $text): string { return strtoupper($text); }\n'],
  ]);
  const dist = { type: 'zip', url: `${url}/composer/shout.zip`, shasum: createHash('sha1').update(packed).digest('hex') };
  return [
    ['composer/packages.json', JSON.stringify({ packages: { 'example/shout': { '1.0.0': { ...manifest, dist } } } })],
    ['composer/shout.zip', packed],
  ];
}

/** The compact index; made by the real `gem` where it is there. */
function rubyFiles(folder: string): Files {
  const place = path.join(folder, 'gem');
  mkdirSync(path.join(place, 'lib'), { recursive: true });
  writeFileSync(path.join(place, 'lib/shout.rb'), 'def shout(text) = text.upcase\n');
  writeFileSync(
    path.join(place, 'shout.gemspec'),
    "Gem::Specification.new { |s| s.name = 'shout'; s.version = '1.0.0'; s.summary = 'Shouts'; s.author = 'A'; s.files = ['lib/shout.rb'] }\n",
  );
  try {
    execFileSync('gem', ['build', '--silent', 'shout.gemspec'], { cwd: place, stdio: 'ignore' });
  } catch {
    return [];
  }
  const packed = readFileSync(path.join(place, 'shout-1.0.0.gem'));
  const info = `---\n1.0.0 |checksum:${sha256(packed)}\n`;
  const versions = `created_at: 2026-01-01T00:00:00Z\n---\nshout 1.0.0 ${createHash('md5').update(info).digest('hex')}\n`;
  return [
    ['gems/versions', versions],
    ['gems/info/shout', info],
    ['gems/gems/shout-1.0.0.gem', packed],
  ];
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A zip of plain entries: header and bytes of each, then the directory. */
function zip(entries: readonly (readonly [name: string, text: string])[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of entries) {
    const bytes = Buffer.from(text);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt32LE(0x5a21_0000, 6);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(bytes.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), bytes]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE((0o100644 << 16) >>> 0, 6);
    place.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x03'), fields, place, Buffer.from(name));
    parts.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, listed, Buffer.from('PK\x05\x06'), end]);
}
