import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The licenses of the packages that are bundled, as they ask to be passed on.
 * @param root folder of the project
 * @param metafiles what esbuild says of its builds
 */
export function thirdPartyLicenses(root, metafiles) {
  const folders = new Set(metafiles.flatMap(({ inputs }) => Object.keys(inputs)).flatMap(packageFolder));
  const packages = [...folders].map((folder) => describe(path.join(root, folder)));
  packages.sort((a, b) => (a.title < b.title ? -1 : 1));
  const parts = packages.map(({ title, text }) => `${title}\n${'-'.repeat(title.length)}\n\n${text.trim()}\n`);
  return ['Parts of these packages are contained in the programs of this folder.\n', ...parts].join('\n');
}

/** `node_modules/a/node_modules/@b/c` of a file in it. */
function packageFolder(file) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.slice(0, 1) ?? [];
}

function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const title = `${name} ${version} (${license})`;
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file)) : [];
  if (files.length === 0) throw new Error(`${title} comes without a license text; add it to ${import.meta.filename}`);
  return { title, text: files.map((file) => readFileSync(path.join(folder, file), 'utf8').trim()).join('\n\n') };
}
