/** Finds the modules of the project that its code imports by a bare name: an installed package of that name would be taken in their place. */
import { basename, dirname, extname } from 'node:path';
import { packagesIn } from '../../checks/definition/find-definition.ts';
import type { Ecosystem } from '../../sandbox/shadowing-packages.ts';
import { listTree } from '../../workspace/read-objects.ts';
import type { ObjectSource } from '../../workspace/types.ts';
import type { OwnModules } from './result-packages.ts';
import { readerOf } from './sides.ts';

const CODE = /\.([cm]?[jt]sx?|pyi?|vue|svelte)$/;
/** Where modules are looked for. */
const ROOTS = /^(src|lib|python)\//;
/** Of a larger project every module counts as imported. */
const MOST_FILES = 5000;

const IMPORTS: Readonly<Record<Ecosystem, RegExp>> = {
  node: /(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*['"]((?:@[\w.-]+\/)?[\w][\w.-]*)(?=['"/])/g,
  python: /^[\t ]*(?:from|import)[\t ]+(\w+)/gm,
};

export async function ownModules(git: ObjectSource, base: string): Promise<OwnModules> {
  const paths = (await listTree(git, base)).map(({ path }) => path);
  const code = paths.filter((path) => CODE.test(path));
  const manifests = await readerOf(git, base)(paths.filter((path) => basename(path) === 'package.json'));
  const packages = [...manifests].map(([path, text]) => [/"name"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? '', dirname(path)] as const);
  // Those may be installed as copies.
  const copied = new Set([...manifests.values()].flatMap((text) => [...text.matchAll(/"([^"]+)"\s*:\s*"file:/g)].map(([, name]) => name)));
  // By whose name a package is meant, whatever file of the project is called like it.
  const depended = packagesIn(manifests);
  const modulesOf = (ecosystem: Ecosystem) =>
    code.filter((path) => ecosystemOf(path) === ecosystem).map((path) => [moduleOf(path), ''] as const);
  const named = {
    node: new Map([...modulesOf('node').filter(([name]) => !depended.has(name)), ...packages].filter(([name]) => !copied.has(name))),
    python: new Map(modulesOf('python')),
  };
  if (code.length > MOST_FILES) return named;
  const texts = [...(await readerOf(git, base)(code))];
  const importedBy = (ecosystem: Ecosystem) => {
    const own = texts.filter(([path]) => ecosystemOf(path) === ecosystem);
    return new Set(own.flatMap(([, text]) => [...text.matchAll(IMPORTS[ecosystem])].map(([, name]) => name)));
  };
  const importedOf = (ecosystem: Ecosystem) => {
    const imported = importedBy(ecosystem);
    return new Map([...named[ecosystem]].filter(([name]) => imported.has(name)));
  };
  return { node: importedOf('node'), python: importedOf('python') };
}

const ecosystemOf = (path: string): Ecosystem => (/\.pyi?$/.test(path) ? 'python' : 'node');

/** `src/shop/price.py` and `shop.py` -> `shop` */
function moduleOf(path: string): string {
  const [first = '', ...rest] = path.replace(ROOTS, '').split('/');
  return rest.length > 0 ? first : first.slice(0, first.length - extname(first).length);
}
