// Packs the built extension: node scripts/package.mjs [file.vsix [version]]; another version than the manifest's is for tests of updates.
// The VSIX is made from a copy, because npm's manifest (`files`, `bin`,
// development packages) and the marketplace's exclude each other, and the marketplace reads name and description from package.nls.json.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
const target = path.resolve(process.argv[2] ?? path.join(root, `${manifest.name}-${manifest.version}.vsix`));
const version = process.argv[3] ?? manifest.version;
const stage = await mkdtemp(path.join(tmpdir(), 'kimi-package-'));
try {
  const copied = [
    'dist',
    'media',
    'l10n',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    '.vscodeignore',
    'package.nls.json',
    'package.nls.zh-cn.json',
  ];
  for (const name of copied) await cp(path.join(root, name), path.join(stage, name), { recursive: true });
  const left = ['files', 'bin', 'scripts', 'devDependencies', 'optionalDependencies', 'private'];
  const kept = Object.fromEntries(Object.entries(manifest).filter(([name]) => !left.includes(name)));
  const published = {
    ...kept,
    version,
    displayName: '%extension.displayName%',
    description: '%extension.description%',
    engines: { vscode: manifest.engines.vscode },
  };
  await writeFile(path.join(stage, 'package.json'), JSON.stringify(published, null, 2));
  if (version !== manifest.version) await stampVersion(path.join(stage, 'dist'));
  // The marketplace shows the page far from the repository: links into it, and pictures of it, would be broken there.
  const readme = await readFile(path.join(stage, 'README.md'), 'utf8');
  const local = /(!?)\[([^\]]*)\]\((?!https:|#|mailto:)[^)]*\)/g;
  await writeFile(
    path.join(stage, 'README.md'),
    readme.replace(local, (_, image, text) => (image ? '' : text)),
  );
  const { createVSIX } = createRequire(import.meta.url)('@vscode/vsce');
  await createVSIX({ cwd: stage, packagePath: target, dependencies: false, allowMissingRepository: true });
  console.log(target);
} finally {
  await rm(stage, { recursive: true, force: true });
}

/** The build wrote the version into the programs. */
async function stampVersion(folder) {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll(manifest.version, version));
  }
}
