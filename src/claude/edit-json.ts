import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

/**
 * Changes a JSON text in place, so that everything else in the user's file keeps its form: key order, indentation, line ends, numbers as
 * they were written. The parser is a library's; its edits are not used: they lay the lines that they touch out anew.
 */

/** Where a text stops being what is expected; `message` names line and column. */
export class JsonTextError extends Error {}

/** Strict JSON, as Claude Code reads it. */
function parse(text: string): Node {
  const mark = text.startsWith('\ufeff') ? ' ' : ''; // a byte order mark is no white space to the parser
  const errors: ParseError[] = [];
  const root = treeOf(mark + text.slice(mark.length), errors);
  const first = errors.findLast(({ offset }) => offset === errors[0]?.offset); // the last tells what was expected there
  if (first || !root) {
    const offset = first?.offset ?? text.length;
    throw new JsonTextError(`${whatIsWrong(first, root, text)} at ${position(text, offset)}`);
  }
  return root;
}

/** The parser calls itself for each level. */
function treeOf(text: string, errors: ParseError[]): Node | undefined {
  try {
    return parseTree(text, errors, { disallowComments: true });
  } catch (error) {
    throw error instanceof RangeError ? new JsonTextError('it is nested too deep') : error;
  }
}

const EXPECTED: Readonly<Record<string, string>> = {
  PropertyNameExpected: 'a key is missing',
  ValueExpected: 'a value is missing',
  ColonExpected: '":" is missing',
  CommaExpected: '"," is missing',
  CloseBraceExpected: '"}" is missing',
  CloseBracketExpected: '"]" is missing',
  InvalidCommentToken: 'a comment is not allowed',
  InvalidUnicode: 'a text is broken',
  InvalidEscapeCharacter: 'a text is broken',
  InvalidCharacter: 'a text is broken',
  UnexpectedEndOfString: 'a text is broken',
};

function whatIsWrong(error: ParseError | undefined, root: Node | undefined, text: string): string {
  if (!error || error.offset >= text.length) return 'the file ends too early';
  if (root && root.length > 0 && error.offset >= endOf(root)) return 'there is more after the end';
  return EXPECTED[printParseErrorCode(error.error)] ?? 'a value is missing';
}

function position(text: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n');
  return `line ${lines.length}, column ${lines.at(-1)!.length + 1}`;
}

/**
 * Adds texts to the array of texts at a path of keys, making what is missing on the way.
 * @throws JsonTextError when the text is no JSON, or something else than an array (or an object on the way) stands there
 */
export function addToList(text: string, keys: readonly string[], added: readonly string[]): string {
  if (added.length === 0) return text;
  const style = styleOf(text);
  if (text.trim() === '') return `${render(nest(keys, added), 0, style)}${style.eol}`;
  let node = parse(text);
  for (const [depth, key] of keys.entries()) {
    if (node.type !== 'object') throw new JsonTextError(`${keys.slice(0, depth).join('.') || 'the whole'} is not an object`);
    const next = memberOf(node, key)?.children?.[1];
    if (!next) {
      const member = `${JSON.stringify(key)}: ${render(nest(keys.slice(depth + 1), added), depth + 1, style)}`;
      return insert(text, node, [member], depth, style);
    }
    node = next;
  }
  if (node.type !== 'array') throw new JsonTextError(`${keys.join('.')} is not a list`);
  const items = added.map((item) => JSON.stringify(item));
  return insert(text, node, items, keys.length, style);
}

/**
 * Removes texts from the array at a path of keys, and what is left empty of it on the way up.
 * @throws JsonTextError when the text is no JSON
 */
export function removeFromList(text: string, keys: readonly string[], removed: readonly string[]): string {
  for (const item of removed) {
    for (;;) {
      const node = listAt(parse(text), keys).find(({ value }) => value === item);
      if (!node) break;
      text = cut(text, node);
    }
  }
  return removeEmpty(text, keys);
}

/** The texts in the array at a path of keys; none when it is not there. @throws JsonTextError when the text is no JSON */
export function readList(text: string, keys: readonly string[]): string[] {
  const items = text.trim() === '' ? [] : listAt(parse(text), keys);
  return items.flatMap(({ value }) => (typeof value === 'string' ? [value] : []));
}

function listAt(root: Node, keys: readonly string[]): readonly Node[] {
  const node = nodeAt(root, keys);
  return node?.type === 'array' ? node.children! : [];
}

function nodeAt(root: Node, keys: readonly string[]): Node | undefined {
  return keys.reduce<Node | undefined>((node, key) => node && memberOf(node, key)?.children?.[1], root);
}

/** Of a doubled key the one that counts. */
function memberOf(node: Node, key: string): Node | undefined {
  return node.type === 'object' ? node.children!.findLast(({ children }) => children![0]!.value === key) : undefined;
}

function removeEmpty(text: string, keys: readonly string[]): string {
  for (let depth = keys.length; depth > 0; depth--) {
    const node = nodeAt(parse(text), keys.slice(0, depth));
    if (node?.children?.length !== 0 || isDoubled(node.parent!)) return text;
    text = cut(text, node.parent!);
  }
  return text;
}

/** Without the one that counts, the one before it would. */
function isDoubled(member: Node): boolean {
  const keyOf = ({ children }: Node) => children?.[0]?.value;
  return member.parent!.children!.filter((other) => keyOf(other) === keyOf(member)).length > 1;
}

/** Takes a member or an item out, with one of the commas beside it and the white space that belonged to it. */
function cut(text: string, node: Node): string {
  const all = node.parent!.children!;
  const before = all[all.indexOf(node) - 1];
  const after = all[all.indexOf(node) + 1];
  if (before) return text.slice(0, endOf(before)) + text.slice(endOf(node));
  if (after) return text.slice(0, node.offset) + text.slice(after.offset);
  return text.slice(0, node.offset).trimEnd() + text.slice(endOf(node)).trimStart();
}

/** @param depth how deep the container lies */
function insert(text: string, container: Node, added: readonly string[], depth: number, style: Style): string {
  const last = container.children!.at(-1);
  if (!last) {
    const inner = style.eol + style.indent.repeat(depth + 1);
    const outer = style.eol + style.indent.repeat(depth);
    return `${text.slice(0, container.offset + 1)}${inner}${added.join(`,${inner}`)}${outer}${text.slice(endOf(container) - 1)}`;
  }
  // The space before the last one is the space between any two, whether they stand on one line or on several.
  const previous = container.children!.at(-2);
  const gap = text.slice(previous ? text.indexOf(',', endOf(previous)) + 1 : container.offset + 1, last.offset);
  const between = gap.includes('\n') ? gap : previous ? gap : ' ';
  return `${text.slice(0, endOf(last))}${added.map((item) => `,${between}${item}`).join('')}${text.slice(endOf(last))}`;
}

const endOf = ({ offset, length }: Node) => offset + length;

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
