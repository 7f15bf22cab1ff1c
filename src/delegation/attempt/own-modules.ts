/** Finds the modules of the project that its code imports by a bare name: an installed package of that name would be taken in their place. */
import { basename, dirname, extname } from 'node:path';
import { listTree } from '../../workspace/read-objects.ts';
import type { ObjectSource } from '../../workspace/types.ts';
import { readerOf } from './sides.ts';

const CODE = /\.([cm]?[jt]sx?|pyi?|vue|svelte)$/;
/** Where modules are looked for. */
const ROOTS = /^(src|lib|python)\//;
/** Of a larger project every module counts as imported. */
const MOST_FILES = 5000;

const IMPORTS: readonly RegExp[] = [
  /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*['"]((?:@[\w.-]+\/)?[\w][\w.-]*)(?=['"/])/g,
  /^[\t ]*(?:from|import)[\t ]+(\w+)/gm,
];

/** @returns the folder of each that is a package of its own, which may be linked among those that are installed; '' = it is none */
export async function ownModules(git: ObjectSource, base: string): Promise<ReadonlyMap<string, string>> {
  const paths = (await listTree(git, base)).map(({ path }) => path);
  const code = paths.filter((path) => CODE.test(path));
  const manifests = await readerOf(git, base)(paths.filter((path) => basename(path) === 'package.json'));
  const packages = [...manifests].map(([path, text]) => [/"name"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? '', dirname(path)] as const);
  // Those may be installed as copies.
  const copied = new Set([...manifests.values()].flatMap((text) => [...text.matchAll(/"([^"]+)"\s*:\s*"file:/g)].map(([, name]) => name)));
  const modules = code.map((path) => [moduleOf(path), ''] as const);
  const names = new Map([...modules, ...packages].filter(([name]) => !copied.has(name)));
  if (code.length > MOST_FILES) return names;
  const texts = [...(await readerOf(git, base)(code)).values()];
  const imported = new Set(texts.flatMap((text) => IMPORTS.flatMap((form) => [...text.matchAll(form)].map(([, name]) => name))));
  return new Map([...names].filter(([name]) => imported.has(name)));
}

/** `src/shop/price.py` and `shop.py` -> `shop` */
function moduleOf(path: string): string {
  const [first = '', ...rest] = path.replace(ROOTS, '').split('/');
  return rest.length > 0 ? first : first.slice(0, first.length - extname(first).length);
}
