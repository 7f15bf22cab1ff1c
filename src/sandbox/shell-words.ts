/**
 * Reads a shell command into the simple commands that it would run, nested ones included. Good enough to explain a refusal early;
 * the sandbox, not this, is what holds.
 */

/** Words of one simple command, quotes and backslashes removed; variables and substitutions stay as written. */
export type SimpleCommand = readonly string[];

const DEEPEST = 8;

/** Every simple command in a script: after `;` `&&` `||` `|` `&` and newlines, in `( )`, `$( )`, backticks and `<( )`. */
export function simpleCommands(script: string, depth = 0): SimpleCommand[] {
  if (depth > DEEPEST) return [];
  return new ShellReader(script, depth).read();
}

class ShellReader {
  readonly #text: string;
  readonly #depth: number;
  #at = 0;
  #commands: string[][] = [];
  #words: string[] = [];
  #word: string | null = null;
  #nested: SimpleCommand[] = [];
  /** Delimiters of here-documents whose text starts at the next line. */
  #heredocs: { delimiter: string; tabs: boolean }[] = [];

  constructor(text: string, depth: number) {
    this.#text = text;
    this.#depth = depth;
  }

  read(): SimpleCommand[] {
    while (this.#at < this.#text.length) this.#step(this.#text[this.#at]!);
    this.#endCommand();
    return [...this.#commands, ...this.#nested];
  }

  #step(char: string): void {
    if (char === '\\') this.#escape();
    else if (char === "'") this.#single();
    else if (char === '"') this.#double();
    else if (char === '`') this.#backticks();
    else if (char === '$') this.#dollar();
    else if (char === '#' && this.#word === null) this.#skipLine();
    else if (char === '<' || char === '>') this.#redirection(char);
    else if (char === '\n') this.#newline();
    else if (';&|()'.includes(char)) this.#operator();
    else if (char === ' ' || char === '\t' || char === '\r') this.#skipBlank();
    else this.#add(char, 1);
  }

  #add(text: string, length: number): void {
    this.#word = (this.#word ?? '') + text;
    this.#at += length;
  }

  #escape(): void {
    const next = this.#text[this.#at + 1];
    if (next === '\n' || next === undefined) this.#at += 2;
    else this.#add(next, 2);
  }

  #single(): void {
    const end = this.#text.indexOf("'", this.#at + 1);
    const stop = end < 0 ? this.#text.length : end;
    this.#add(this.#text.slice(this.#at + 1, stop), stop - this.#at + 1);
  }

  #double(): void {
    this.#add('', 1);
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at]!;
      if (char === '"') {
        this.#at++;
        return;
      }
      if (char === '\\' && '"\\$`\n'.includes(this.#text[this.#at + 1] ?? '')) this.#escape();
      else if (char === '`') this.#backticks();
      else if (char === '$') this.#dollar();
      else this.#add(char, 1);
    }
  }

  #backticks(): void {
    const end = this.#text.indexOf('`', this.#at + 1);
    const stop = end < 0 ? this.#text.length : end;
    this.#nest(this.#text.slice(this.#at + 1, stop));
    this.#add('$()', stop - this.#at + 1);
  }

  #dollar(): void {
    const rest = this.#text.slice(this.#at, this.#at + 3);
    if (rest.startsWith("$'")) this.#add('', 1);
    else if (rest.startsWith('$(')) this.#substitution(this.#at + 1);
    else if (rest.startsWith('${')) {
      const end = this.#text.indexOf('}', this.#at);
      const stop = end < 0 ? this.#text.length : end + 1;
      this.#add(this.#text.slice(this.#at, stop), stop - this.#at);
    } else this.#add('$', 1);
  }

  /** `open` is the place of the parenthesis. */
  #substitution(open: number): void {
    const close = closingParenthesis(this.#text, open);
    this.#nest(this.#text.slice(open + 1, close));
    this.#add('$()', close + 1 - this.#at);
  }

  #nest(script: string): void {
    this.#nested.push(...simpleCommands(script, this.#depth + 1));
  }

  #redirection(char: string): void {
    const rest = this.#text.slice(this.#at);
    const heredoc = /^<<(-?)[ \t]*(?!<)(['"]?)([\w.-]+)\2/.exec(rest);
    if (rest.startsWith('<(') || rest.startsWith('>(')) {
      this.#substitution(this.#at + 1);
    } else if (heredoc) {
      this.#endWord();
      this.#heredocs.push({ delimiter: heredoc[3]!, tabs: heredoc[1] === '-' });
      this.#at += heredoc[0].length;
    } else {
      this.#redirectTo(rest, char);
    }
  }

  /** Leaves operator and target out of the words: `> file`, `2>&1`, `<<< text`. */
  #redirectTo(rest: string, char: string): void {
    if (this.#word !== null && /^\d+$/.test(this.#word)) this.#word = null;
    this.#endWord();
    const operator = /^(?:<<<|>>|>&|<&|>\||<>|&>|[<>])[ \t]*/.exec(rest)?.[0] ?? char;
    this.#at += operator.length;
    const kept = this.#words;
    this.#words = [];
    while (this.#at < this.#text.length && !/[\s;|&()<>]/.test(this.#text[this.#at]!)) this.#step(this.#text[this.#at]!);
    this.#word = null;
    this.#words = kept;
  }

  #newline(): void {
    this.#endCommand();
    this.#at++;
    for (const { delimiter, tabs } of this.#heredocs.splice(0)) {
      while (this.#at < this.#text.length) {
        const line = this.#line();
        if ((tabs ? line.replace(/^\t+/, '') : line) === delimiter) break;
      }
    }
  }

  #line(): string {
    const end = this.#text.indexOf('\n', this.#at);
    const stop = end < 0 ? this.#text.length : end;
    const line = this.#text.slice(this.#at, stop);
    this.#at = stop + 1;
    return line;
  }

  #operator(): void {
    if (this.#text.startsWith('&>', this.#at)) {
      this.#at++;
      return;
    }
    this.#endCommand();
    this.#at++;
  }

  #skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #skipBlank(): void {
    this.#endWord();
    this.#at++;
  }

  #endWord(): void {
    if (this.#word !== null) this.#words.push(this.#word);
    this.#word = null;
  }

  #endCommand(): void {
    this.#endWord();
    if (this.#words.length > 0) this.#commands.push(this.#words);
    this.#words = [];
  }
}

/** Place of the parenthesis that closes the one at `open`, quotes respected; the end of the text when there is none. */
function closingParenthesis(text: string, open: number): number {
  let level = 0;
  for (let at = open; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === "'") at = endOf(text, at, "'");
    else if (char === '"') at = endOf(text, at, '"');
    else if (char === '(') level++;
    else if (char === ')' && --level === 0) return at;
  }
  return text.length;
}

function endOf(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at++;
    else if (text[at] === quote) return at;
  }
  return text.length;
}
