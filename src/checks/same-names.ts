/**
 * Whether names of failing tests tell which ones failed. Some runners print a title and nothing of where it stands: where the project has it
 * twice, one may have been mended and the other broken, and the name is the same.
 */
import { titlesIn } from './integrity/test-cases.ts';

/** @param texts files of tests of the base, by their paths */
export function tellApart(names: readonly string[], texts: ReadonlyMap<string, string>): boolean {
  // With its place it is one of its own.
  const bare = names.filter((name) => ![...texts.keys()].some((path) => name.includes(path)));
  if (bare.length === 0) return true;
  const titles = [...texts].map(([path, text]) => ({ path, text, titles: titlesIn(path, text).filter((title) => title !== '') }));
  return bare.every((name) => {
    const there = titles.flatMap((file) => file.titles.filter((title) => isWithin(title, name)).map((title) => ({ ...file, title })));
    const length = Math.max(0, ...there.map(({ title }) => title.length));
    const longest = there.filter(({ title }) => title.length === length);
    const around = longest[0] ? name.replace(longest[0].title, ' ').match(/[\p{L}\p{N}_$]+/gu) : null;
    // What it says beside the title, a suite or a class, stands in its file.
    return longest.filter(({ path, text }) => (around ?? []).every((word) => path.includes(word) || text.includes(word))).length < 2;
  });
}

const isSign = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}_$]/u.test(sign);

function isWithin(title: string, name: string): boolean {
  const at = name.indexOf(title);
  return at >= 0 && !(isSign(name[at - 1]) && isSign(title[0])) && !(isSign(name[at + title.length]) && isSign(title.at(-1)));
}
