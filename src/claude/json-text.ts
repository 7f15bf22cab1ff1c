/**
 * Changes a JSON text in place, so that everything else in the user's file keeps its form: key order, indentation, line ends, numbers as
 * they were written. Strict JSON, as Claude Code reads it.
 */

interface Base {
  readonly start: number;
  /** Behind the last character. */
  readonly end: number;
}
interface Member extends Base {
  readonly key: string;
  readonly value: Node;
}
type Node = Base &
  (
    | { readonly kind: 'object'; readonly members: readonly Member[] }
    | { readonly kind: 'array'; readonly items: readonly Node[] }
    | { readonly kind: 'plain'; readonly value: unknown }
  );

/** Where a text stops being what is expected; `message` names line and column. */
export class JsonTextError extends Error {}

const PLAIN = /"(?:[^"\\\u0000-\u001f]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

function parse(text: string): Node {
  let at = text.startsWith('\ufeff') ? 1 : 0;
  const fail = (what: string): never => {
    const lines = text.slice(0, at).split('\n');
    throw new JsonTextError(`${what} at line ${lines.length}, column ${lines.at(-1)!.length + 1}`);
  };
  const skip = () => {
    while (' \t\r\n'.includes(text[at] ?? 'x')) at++;
  };
  const expect = (character: string) => {
    skip();
    if (text[at] !== character) fail(at < text.length ? `${JSON.stringify(character)} is missing` : 'the file ends too early');
    at++;
  };
  const list = <T>(close: string, one: () => T): T[] => {
    const found: T[] = [];
    skip();
    while (text[at] !== close) {
      if (found.length > 0) expect(',');
      found.push(one());
      skip();
    }
    at++;
    return found;
  };
  const plain = (): Node => {
    const start = at;
    PLAIN.lastIndex = at;
    const match = PLAIN.exec(text)?.[0];
    if (match === undefined) return fail(at < text.length ? 'a value is missing' : 'the file ends too early');
    at += match.length;
    try {
      return { kind: 'plain', start, end: at, value: JSON.parse(match) };
    } catch {
      at = start;
      return fail('a text is broken');
    }
  };
  const member = (): Member => {
    skip();
    const key = plain();
    if (key.kind !== 'plain' || typeof key.value !== 'string') return fail('a key is missing');
    expect(':');
    const value = node();
    return { start: key.start, end: at, key: key.value, value };
  };
  const node = (): Node => {
    skip();
    const start = at;
    if (text[at] === '{') {
      at++;
      const members = list('}', member);
      return { kind: 'object', start, end: at, members };
    }
    if (text[at] === '[') {
      at++;
      const items = list(']', node);
      return { kind: 'array', start, end: at, items };
    }
    return plain();
  };
  const root = node();
  skip();
  if (at < text.length) fail('there is more after the end');
  return root;
}

/**
 * Adds texts to the array of texts at a path of keys, making what is missing on the way.
 * @throws JsonTextError when the text is no JSON, or something else than an array (or an object on the way) stands there
 */
export function addToList(text: string, keys: readonly string[], added: readonly string[]): string {
  if (added.length === 0) return text;
  const style = styleOf(text);
  const root = text.trim() === '' ? null : parse(text);
  if (!root) return `${render(nest(keys, added), 0, style)}${style.eol}`;
  let node = root;
  for (const [depth, key] of keys.entries()) {
    if (node.kind !== 'object') throw new JsonTextError(`${keys.slice(0, depth).join('.') || 'the whole'} is not an object`);
    const next: Node | undefined = node.members.findLast((member) => member.key === key)?.value;
    if (!next) {
      const member = `${JSON.stringify(key)}: ${render(nest(keys.slice(depth + 1), added), depth + 1, style)}`;
      return insert(text, node, node.members, [member], depth, style);
    }
    node = next;
  }
  if (node.kind !== 'array') throw new JsonTextError(`${keys.join('.')} is not a list`);
  return insert(
    text,
    node,
    node.items,
    added.map((item) => JSON.stringify(item)),
    keys.length,
    style,
  );
}

/**
 * Removes texts from the array at a path of keys, and what is left empty of it on the way up.
 * @throws JsonTextError when the text is no JSON
 */
export function removeFromList(text: string, keys: readonly string[], removed: readonly string[]): string {
  for (const item of removed) {
    for (;;) {
      const found = listAt(parse(text), keys);
      const index = found?.items.findIndex((node) => node.kind === 'plain' && node.value === item) ?? -1;
      if (!found || index < 0) break;
      text = cut(text, found.items, index);
    }
  }
  return removeEmpty(text, keys);
}

/** The texts in the array at a path of keys; none when it is not there. @throws JsonTextError when the text is no JSON */
export function readList(text: string, keys: readonly string[]): string[] {
  const found = text.trim() === '' ? undefined : listAt(parse(text), keys);
  return found?.items.flatMap((node) => (node.kind === 'plain' && typeof node.value === 'string' ? [node.value] : [])) ?? [];
}

function listAt(root: Node, keys: readonly string[]): Extract<Node, { kind: 'array' }> | undefined {
  const node = nodeAt(root, keys);
  return node?.kind === 'array' ? node : undefined;
}

function nodeAt(root: Node, keys: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const key of keys) node = node?.kind === 'object' ? node.members.findLast((member) => member.key === key)?.value : undefined;
  return node;
}

function removeEmpty(text: string, keys: readonly string[]): string {
  for (let depth = keys.length; depth > 0; depth--) {
    const root = parse(text);
    const node = nodeAt(root, keys.slice(0, depth));
    const parent = nodeAt(root, keys.slice(0, depth - 1));
    const empty = node && ((node.kind === 'array' && node.items.length === 0) || (node.kind === 'object' && node.members.length === 0));
    if (!empty || parent?.kind !== 'object') return text;
    const index = parent.members.findLastIndex((member) => member.key === keys[depth - 1]);
    text = cut(text, parent.members, index);
  }
  return text;
}

/** Takes one of several out, with one of the commas beside it and the white space that belonged to it. */
function cut(text: string, all: readonly Base[], index: number): string {
  const before = all[index - 1];
  const after = all[index + 1];
  const [from, to] = before
    ? [before.end, all[index]!.end]
    : after
      ? [all[index]!.start, after.start]
      : [all[index]!.start, all[index]!.end];
  const left = text.slice(0, from);
  const right = text.slice(to);
  return before || after ? left + right : left.trimEnd() + right.trimStart();
}

function insert(text: string, node: Node, all: readonly Base[], added: readonly string[], depth: number, style: Style): string {
  const last = all.at(-1);
  if (!last) {
    const inner = style.eol + style.indent.repeat(depth + 1);
    const outer = style.eol + style.indent.repeat(depth);
    return `${text.slice(0, node.start + 1)}${inner}${added.join(`,${inner}`)}${outer}${text.slice(node.end - 1)}`;
  }
  // The space before the last one is the space between any two, whether they stand on one line or on several.
  const previous = all.at(-2);
  const gap = text.slice(previous ? text.indexOf(',', previous.end) + 1 : node.start + 1, last.start);
  const between = gap.includes('\n') ? gap : previous ? gap : ' ';
  return `${text.slice(0, last.end)}${added.map((item) => `,${between}${item}`).join('')}${text.slice(last.end)}`;
}

interface Style {
  readonly indent: string;
  readonly eol: string;
}

function styleOf(text: string): Style {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  return { eol, indent: /^[{[]\s*?\n([ \t]+)\S/.exec(text.replace('\ufeff', ''))?.[1] ?? '  ' };
}

function nest(keys: readonly string[], leaf: readonly string[]): unknown {
  return keys.reduceRight<unknown>((value, key) => ({ [key]: value }), leaf);
}

function render(value: unknown, depth: number, { indent, eol }: Style): string {
  return JSON.stringify(value, null, indent).replaceAll('\n', eol + indent.repeat(depth));
}
