import { forEachChild, parse, type SyntaxNode } from 'unbash';

/** Words of one simple command, quotes and backslashes removed; variables and substitutions stay as written. */
export type SimpleCommand = readonly string[];

/** One of the commands that a script runs one after the other, and where it stands in the text. */
export interface Step {
  readonly start: number;
  readonly end: number;
  /** Every simple command in it, nested ones included: more than one for a pipe, a group and the like. */
  readonly commands: readonly SimpleCommand[];
  /** Whether its exit code is theirs: a command, or a pipe of commands, and not the opposite of it. */
  readonly isPlain: boolean;
  /** Files that the shell writes for it, as they are named. */
  readonly writesTo: readonly string[];
}

/** Of longer scripts only the beginning is read: the time that the parser takes for a text that is made for it grows with the square. */
const LONGEST = 16_000;

/**
 * Every simple command in a script, nested ones included. Good enough to explain a refusal early; the sandbox, not this, is what holds.
 */
export function simpleCommands(script: string): SimpleCommand[] {
  const found: SimpleCommand[] = [];
  // Nested deeper than the stack: what was found by then counts.
  withinStack(() => collect(parse(script.slice(0, LONGEST)), found));
  return found;
}

/**
 * What a script runs one after the other, whether by `&&`, `||`, `;` or lines.
 * @returns null for a script that is too long, too deep, or runs something in the background
 */
export function stepsOf(script: string): Step[] | null {
  if (script.length > LONGEST) return null;
  return withinStack(() => {
    const statements = parse(script).commands;
    if (statements.some(({ background }) => background)) return null;
    const nodes = statements.flatMap(({ command }) => (command.type === 'AndOr' ? command.commands : [command]));
    return nodes.map((node) => ({
      start: node.pos,
      end: node.end,
      commands: collect(node, []),
      isPlain: isPlain(node),
      writesTo: collectWritten(node, []),
    }));
  });
}

/**
 * Where the commands of a subshell begin with which a script ends, the innermost of several: `cd a && (b | c)`.
 * @returns null where it ends otherwise, or where what it prints goes elsewhere
 */
export function lastSubshell(script: string): number | null {
  if (script.length > LONGEST) return null;
  return withinStack(() => {
    let found: number | null = null;
    for (let statement = parse(script).commands.at(-1); statement && !statement.background; ) {
      const last = statement.command.type === 'AndOr' ? statement.command.commands.at(-1)! : statement.command;
      const node = last.type === 'Redirected' && collectWritten(last, []).length === 0 ? last.command : last;
      if (node.type !== 'Subshell' || !/^\(\s*$/.test(script.slice(node.pos, node.body.pos))) break;
      found = node.body.pos;
      statement = node.body.commands.at(-1);
    }
    return found;
  });
}

function isPlain(node: SyntaxNode): boolean {
  if (node.type !== 'Pipeline') return node.type === 'Command';
  return node.commands.every(({ type }) => type === 'Command') && node.prefixes.every(({ type }) => type === 'Time');
}

function collect(node: SyntaxNode, found: SimpleCommand[]): SimpleCommand[] {
  if (node.type === 'Command' && node.name) found.push([node.name, ...node.args].map(wordOf));
  forEachChild(node, (child) => void collect(child, found));
  return found;
}

function collectWritten(node: SyntaxNode, found: string[]): string[] {
  const redirects = node.type === 'Command' || node.type === 'Redirected' ? node.redirects : [];
  for (const redirect of redirects) {
    if (redirect.type !== 'Redirect' || !redirect.operator.includes('>') || !redirect.target) continue;
    // `2>&1` names no file.
    const isDescriptor = redirect.operator === '>&' && /^(\d+|-)$/.test(redirect.target.text);
    if (!isDescriptor) found.push(wordOf(redirect.target));
  }
  forEachChild(node, (child) => void collectWritten(child, found));
  return found;
}

function withinStack<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
}

const wordOf = (node: { readonly value: unknown; readonly text: string }) => (typeof node.value === 'string' ? node.value : node.text);
