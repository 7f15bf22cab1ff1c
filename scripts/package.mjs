// Packs what was built, as it is published: node scripts/package.mjs [folder [version]]. Another version than the manifest's is for tests of updates.
// Both packages are made from copies, because the manifests of npm and of the marketplace exclude each other, and neither is to show
// the scripts and packages that developers need.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
const folder = path.resolve(process.argv[2] ?? root);
const version = process.argv[3] ?? manifest.version;
const stage = await mkdtemp(path.join(tmpdir(), 'kimi-package-'));
try {
  await mkdir(folder, { recursive: true });
  console.log(await packForNpm(path.join(folder, `${manifest.name}-${version}.tgz`)));
  console.log(await packForVsCode(path.join(folder, `${manifest.name}-${version}.vsix`)));
} finally {
  await rm(stage, { recursive: true, force: true });
}

async function packForNpm(target) {
  const { name, description, keywords, license, type, bin, files } = manifest;
  const engines = { node: manifest.engines.node };
  const published = { name, version, description, keywords, license, ...address(), type, bin, engines, files };
  const copy = await stageCopy('npm', 'README.md', [], published);
  execFileSync('npm', ['pack', '--prefix', copy, '--silent'], { cwd: copy, shell: process.platform === 'win32' });
  await cp(path.join(copy, `${name}-${version}.tgz`), target);
  return target;
}

async function packForVsCode(target) {
  const left = ['files', 'bin', 'type', 'scripts', 'devDependencies', 'private'];
  const published = {
    ...Object.fromEntries(Object.entries(manifest).filter(([name]) => !left.includes(name))),
    ...address(),
    version,
    // The marketplace reads them from package.nls.json.
    displayName: '%extension.displayName%',
    description: '%extension.description%',
    engines: { vscode: manifest.engines.vscode },
  };
  const copy = await stageCopy(
    'vscode',
    'docs/vscode.md',
    ['media', 'l10n', '.vscodeignore', 'package.nls.json', 'package.nls.zh-cn.json'],
    published,
  );
  await keepWhatIsLoaded(path.join(copy, 'dist'), ['extension.cjs', 'server.cjs', 'attempts.cjs', 'launch.cjs']);
  const { createVSIX } = createRequire(import.meta.url)('@vscode/vsce');
  await createVSIX({ cwd: copy, packagePath: target, dependencies: false, allowMissingRepository: true });
  return target;
}

/** Where the sources lie, as the machine that releases knows it. */
function address() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  return name ? { repository: { type: 'git', url: `git+${server}/${name}.git` } } : {};
}

/** @param page what the site of the package shows */
async function stageCopy(name, page, more, published) {
  const copy = path.join(stage, name);
  for (const each of ['dist', 'CHANGELOG.md', 'LICENSE', ...more])
    await cp(path.join(root, each), path.join(copy, each), { recursive: true });
  await cp(path.join(root, page), path.join(copy, 'README.md'));
  await writeFile(path.join(copy, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  if (version !== manifest.version) await stampVersion(path.join(copy, 'dist'));
  // Both sites show the pages far from the repository: links into it, and pictures of it, would be broken there, but for pictures of a release.
  const local = /(!?)\[([^\]]*)\]\((?!https:|#|mailto:)[^)]*\)/g;
  for (const page of ['README.md', 'CHANGELOG.md']) {
    const text = await readFile(path.join(copy, page), 'utf8');
    await writeFile(
      path.join(copy, page),
      text.replace(local, (link, image, words) => (image ? released(link, words) : words)),
    );
  }
  return copy;
}

/** A picture as it is released with this version; empty where nobody knows the address. */
function released(link, words) {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = process.env;
  const file = /\bmedia\/[\w./-]+/.exec(link)?.[0];
  return name && file ? `![${words}](${server}/${name}/raw/v${version}/${file})` : '';
}

/** The commands of the terminal are built in pieces beside those of the server. Here nobody calls them. */
async function keepWhatIsLoaded(folder, entries) {
  const loaded = new Set();
  const load = async (file) => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const text = await readFile(file, 'utf8');
    for (const [, name] of text.matchAll(/\b(?:require|import)\(["'](\.{1,2}\/[^"']+)["']\)/g))
      await load(path.join(path.dirname(file), name));
  };
  for (const entry of entries) await load(path.join(folder, entry));
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && file.endsWith('.cjs') && !loaded.has(file)) await rm(file);
  }
}

/** The build wrote the version into the programs. */
async function stampVersion(folder) {
  // Alone: addresses such as 192.0.2.0 hold one too.
  const written = new RegExp(`(?<![\\d.])${manifest.version.replaceAll('.', '\\.')}(?![\\d.])`, 'g');
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.txt')) continue;
    const file = path.join(entry.parentPath, entry.name);
    await writeFile(file, (await readFile(file, 'utf8')).replace(written, version));
  }
}
