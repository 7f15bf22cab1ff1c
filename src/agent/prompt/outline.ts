/** The named parts of a source file, told by how their first lines look and where the indentation ends. */
import { extname } from 'node:path';

export interface Part {
  readonly name: string;
  /** First and last line, from 1. */
  readonly from: number;
  readonly to: number;
}

const LONGEST_LINE = 300;

/** Each with a group for the name. */
const LANGUAGES: readonly { readonly extensions: string; readonly begins: readonly RegExp[] }[] = [
  {
    extensions: 'js jsx mjs cjs ts tsx mts cts vue svelte',
    begins: [
      /^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:async\s+)?function\*?\s*([\p{L}\w$]+)/u,
      /^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:class|interface|enum|namespace)\s+([\p{L}\w$]+)/u,
      /^(?:export\s+)?type\s+([\p{L}\w$]+)/u,
      /^(?:export\s+)?(?:const|let|var)\s+([\p{L}\w$]+)(?=[^=]*=\s*(?:async\s*)?(?:\(|function|[\w$]+\s*=>|\{|\[|$))/u,
      /^(?:module\.)?exports\.([\p{L}\w$]+)\s*=/u,
      /^(?:[\w$]+\.)+([\p{L}\w$]+)\s*=\s*(?:async\s+)?function/u,
      /^(?:\t| {2}| {4})(?:(?:static|async|get|set|public|private|protected|readonly|override)\s+)*\*?\s*(#?(?!(?:if|for|while|switch|catch|return|function|await|throw|super|new|else|do)\b)[\p{L}\w$]+)\s*(?:<[^>(]*>?)?\((?:(?:(?!=>)[^;])*[{(,])?$/u,
    ],
  },
  { extensions: 'py pyi', begins: [/^\s*(?:async\s+)?(?:def|class)\s+([\p{L}\w]+)/u] },
  { extensions: 'go', begins: [/^func\s+(?:\([^)]*\)\s*)?([\p{L}\w]+)/u, /^type\s+([\p{L}\w]+)/u] },
  {
    extensions: 'rs',
    begins: [
      /^\s*(?:pub(?:\([^)]*\))?\s+)?(?:(?:async|unsafe|const|default|extern(?:\s+"[^"]*")?)\s+)*(?:fn|struct|enum|trait|mod|union)\s+(\w+)/,
      /^impl\b[^{]*?(\w+)(?:<[^{]*)?\s*(?:where\b.*)?\{/,
      /^macro_rules!\s*(\w+)/,
    ],
  },
  { extensions: 'rb cr', begins: [/^\s*(?:def|class|module)\s+(?:self\.)?([\w:?!]+)/] },
  { extensions: 'ex exs', begins: [/^\s*(?:defp?|defmodule|defmacro)\s+([\w.?!]+)/] },
  {
    extensions: 'php',
    begins: [/^\s*(?:(?:abstract|final|public|private|protected|static)\s+)*(?:function|class|interface|trait|enum)\s+&?(\w+)/],
  },
  {
    extensions: 'java kt kts cs scala swift dart groovy fs vb',
    begins: [
      /^\s*(?:[\w@]+\s+)*?(?:class|interface|enum|record|struct|object|trait|protocol|extension)\s+(\w+)/,
      /^\s*(?:[\w@]+\s+)*?(?:fun|func|def|init)\s+(?:<[^>]*>\s*)?(?:\w+\.)?(\w+)/,
      /^\s+(?:(?:public|private|protected|internal|static|final|abstract|override|virtual|async|synchronized)\s+)+[\w<>[\],.?\s]*?(\w+)\s*\([^;]*$/,
    ],
  },
  {
    extensions: 'c h cc cpp cxx hpp m mm',
    begins: [/^(?:typedef\s+)?(?:struct|class|enum|union|namespace)\s+(\w+)[^;]*$/, /^[A-Za-z_][\w\s*&:<>,~]*?([\w~]+)\s*\([^;]*$/],
  },
  { extensions: 'lua', begins: [/^\s*(?:local\s+)?function\s+([\w.:]+)/] },
  { extensions: 'sh bash zsh bats', begins: [/^(?:function\s+)?([\w-]+)\s*\(\)/] },
  { extensions: 'pl pm', begins: [/^\s*(?:sub|package)\s+([\w:]+)/] },
];

const BY_EXTENSION = new Map(LANGUAGES.flatMap(({ extensions, begins }) => extensions.split(' ').map((one) => [`.${one}`, begins])));
const PROSE = /\.(md|mdx|markdown|rst|adoc|txt)$/i;

/** Whether its parts can be told. */
export const isCode = (path: string): boolean => BY_EXTENSION.has(extname(path).toLowerCase());

export const isProse = (path: string): boolean => PROSE.test(path);

/** In the order of their first lines; a part may hold others. None where the language is unknown. */
export function outlineOf(path: string, lines: readonly string[]): Part[] {
  if (isProse(path)) return headings(lines);
  const begins = BY_EXTENSION.get(extname(path).toLowerCase());
  if (!begins) return [];
  const parts: Part[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.length > LONGEST_LINE) continue;
    const name = begins.map((pattern) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
    if (name === undefined) continue;
    const last = parts.at(-1);
    const part = { name, from: at + 1, to: blockEnd(lines, at) + 1 };
    // Overloads, and what reads and writes one property, are one.
    if (last?.name === name && last.to < part.from) parts[parts.length - 1] = { ...part, from: last.from };
    else parts.push(part);
  }
  return parts;
}

/** @returns where the parts behind a line are, in so many bytes: the outer ones where not all fit; '' where there are none */
export function partsBehind(path: string, lines: readonly string[], line: number, most: number): string {
  const all = outlineOf(path, lines).filter(({ from }) => from > line);
  const say = (parts: readonly Part[]) => parts.map(({ name, from }) => `${from} ${name}`);
  const bytes = (words: readonly string[]) => Buffer.byteLength(words.join(', '));
  let words = say(all);
  if (bytes(words) > most) {
    let end = 0;
    const isOuter = ({ to }: Part) => {
      const ends = end;
      end = Math.max(end, to);
      return to > ends;
    };
    words = say(all.filter(isOuter));
  }
  while (words.length > 0 && bytes(words) > most) words = words.slice(0, Math.floor(words.length * 0.9));
  const left = all.length - words.length;
  return words.length === 0 ? '' : `[further on, by line: ${words.join(', ')}${left > 0 ? `, and ${left} more` : ''}]`;
}

/** The block that begins in a line ends before the next one that is not further in, or with it when it only closes. Lines are counted from 0. */
export function blockEnd(lines: readonly string[], start: number): number {
  const indent = indentOf(lines[start]!);
  let last = start;
  for (let at = start + 1; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.trim() === '') continue;
    if (indentOf(line) <= indent) {
      const text = line.trim();
      // `) {` and `): Type {` go on with a head over several lines.
      if (/^[)\]}>].*[{(:]$|^\{$/.test(text)) {
        last = at;
        continue;
      }
      return /^([)\]}]|end\b|fi$|done$|esac$)/.test(text) && indentOf(line) === indent ? at : last;
    }
    last = at;
  }
  return last;
}

function indentOf(line: string): number {
  let width = 0;
  for (const char of line) {
    if (char === '\t') width += 4;
    else if (char === ' ') width += 1;
    else break;
  }
  return width;
}

function headings(lines: readonly string[]): Part[] {
  const found = lines.flatMap((line, at) => {
    const heading = /^(#{1,4})\s+(.{1,100})/.exec(line);
    return heading ? [{ name: heading[2]!.trim(), level: heading[1]!.length, from: at + 1 }] : [];
  });
  return found.map(({ name, level, from }, at) => {
    const next = found.slice(at + 1).find((other) => other.level <= level);
    return { name, from, to: next ? next.from - 1 : lines.length };
  });
}
