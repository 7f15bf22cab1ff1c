import { forEachChild, parse, type SyntaxNode } from 'unbash';

/** Words of one simple command, quotes and backslashes removed; variables and substitutions stay as written. */
export type SimpleCommand = readonly string[];

/** Of longer scripts only the beginning is read: the time that the parser takes for a text that is made for it grows with the square. */
const LONGEST = 16_000;

/**
 * Every simple command in a script, nested ones included. Good enough to explain a refusal early; the sandbox, not this, is what holds.
 */
export function simpleCommands(script: string): SimpleCommand[] {
  const found: SimpleCommand[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Command' && node.name) found.push([node.name, ...node.args].map(wordOf));
    forEachChild(node, visit);
  };
  try {
    visit(parse(script.slice(0, LONGEST)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // nested deeper than the stack: what was found by then counts
  }
  return found;
}

const wordOf = (node: { readonly value: unknown; readonly text: string }) => (typeof node.value === 'string' ? node.value : node.text);
