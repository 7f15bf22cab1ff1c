import { takeTurns } from '../../common/take-turns.ts';
import type { Ecosystem } from '../../sandbox/shadowing-packages.ts';
import { TOOL_WORDS } from './check-tools.ts';

/** What tests are written with: one that forgives passes anything, too. */
const ASSERTIONS = /(?:^|\/)(?:assert|chai|expect|should|sinon|power-assert|unexpected|earl|@?hapi\/code|testify|hypothesis|hamcrest)/;

/** A shorter one is part of many names. */
const LONG_TOOL_WORDS = [...TOOL_WORDS].filter((word) => word.length > 3);

/** The package that a file of installed ones belongs to, or the file itself where it belongs to none: a program in `.bin`. */
export function packageOf(file: string): string {
  const match = /^(.*\/)?(node_modules|site-packages)\/((@[^/]+\/)?[^./@][^/]*)\//.exec(file);
  return match ? `${match[1] ?? ''}${match[2]}/${match[3]!.replace(/-\d[^/]*\.dist-info$/, '')}` : file;
}

/**
 * The packages that were replaced without a word in what says which are installed. Those that run tests are always among them: a forged one
 * would pass anything, whatever version it is said to have.
 * @param said lines of manifests and lock files that the attempt wrote
 * @param isOwn whether code of the project imports a module of its own by a name: no line explains why a package should take its place
 */
export async function unexplained(
  replaced: readonly string[],
  said: readonly string[],
  isOwn: (name: string, ecosystem: Ecosystem) => boolean = () => false,
): Promise<string[]> {
  const alone = new Set(replaced);
  const isNamed = namedIn(said);
  const turn = takeTurns();
  const found: string[] = [];
  for (const one of new Set(replaced.map(packageOf))) {
    await turn();
    const [, place, plain] = /(node_modules|site-packages)\/([^.][^/]*(?:\/[^/]+)?)$/.exec(one) ?? [];
    const name = plain?.toLowerCase();
    // A module may be a file; a folder may be called `chart.js`.
    const module = alone.has(one) ? plain?.replace(/\.\w+$/, '') : plain;
    const isModule = module !== undefined && isOwn(module, place === 'node_modules' ? 'node' : 'python');
    const isTool = name === undefined || LONG_TOOL_WORDS.some((word) => name.includes(word)) || ASSERTIONS.test(name);
    if (isModule || isTool || !isNamed(name)) found.push(one);
  }
  return found;
}

/** Whether a line names a package, however its language spells it. There may be megabytes of lines, and very many packages to ask for. */
export function namedIn(said: readonly string[]): (name: string) => boolean {
  let text: string | null = null;
  let words: ReadonlySet<string> = new Set();
  const isThere = (name: string): boolean => {
    const own = name.match(WORDS) ?? [];
    if (own[0] === name || !own.every((word) => words.has(word))) return words.has(name);
    for (let at = text!.indexOf(name); at >= 0; at = text!.indexOf(name, at + 1))
      if (!/[\w-]/.test(text![at - 1] ?? ' ') && !/[\w-]/.test(text![at + name.length] ?? ' ')) return true;
    return false;
  };
  return (name) => {
    if (text === null) {
      text = said.join('\n').toLowerCase();
      words = new Set(text.match(WORDS) ?? []);
    }
    const plain = name.toLowerCase();
    return [plain, plain.replaceAll('_', '-')].some(isThere);
  };
}

const WORDS = /[\w-]+/g;
