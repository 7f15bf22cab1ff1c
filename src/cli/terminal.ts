import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import { escapeUntrusted } from '../mcp/escape-untrusted.ts';
import { type Language, type Message, message, say } from '../messages/message.ts';
import { jsonText } from './json-text.ts';
import { asSentence, inTerminal } from './terminal-messages.ts';
import { wrapped } from './wrap.ts';

export type Tone = 'plain' | 'dim' | 'bold' | 'good' | 'warn' | 'bad';

/** Where the commands write, and whom they ask. stdout holds what was asked for and nothing else. */
export interface Terminal {
  readonly language: Language;
  /** Columns of stdout; null = it is no terminal, and then nothing is cut. */
  readonly columns: number | null;
  /** Whether somebody can be asked. */
  readonly canAsk: boolean;
  say(message: Message): string;
  /** The same as a sentence of its own. */
  sentence(message: Message): string;
  paint(tone: Tone, text: string): string;
  /** How our command is called here. */
  readonly program: string;
  /** A line (or several) on stdout, as it is. */
  print(text: string): void;
  /** A sentence on stdout; as all sentences it is wrapped where the terminal ends. */
  tell(said: Message, tone?: Tone): void;
  printJson(value: unknown): void;
  /** A line on stderr: what a script does not read. */
  note(message: Message): void;
  /** Says on stderr why it failed. @returns the exit code, 1 */
  fail(reason: Message): number;
  /** The same where the command was asked in a wrong way. @param command whose help tells more. @returns the exit code, 2 */
  misuse(problem: Message, command?: string): number;
  /** A question that is answered by yes or no, and no by default; `interrupted`: Ctrl-C. */
  confirm(question: Message): Promise<'yes' | 'no' | 'interrupted'>;
  /** A line at the bottom that the next output takes away; where stdout is no terminal it is not shown. */
  status(text: string): void;
}

const STYLES = { dim: 'dim', bold: 'bold', good: 'green', warn: 'yellow', bad: 'red' } as const;

export function openTerminal(language: Language, program: string): Terminal {
  const { stdin, stdout, stderr } = process;
  const colored = { out: hasColors(stdout), err: hasColors(stderr) };
  const painted = (on: boolean, tone: Tone, text: string) =>
    on && tone !== 'plain' && text !== '' ? styleText(STYLES[tone], text, { validateStream: false }) : text;
  let status = '';
  const clear = () => {
    if (status) stdout.write('\r\x1b[K');
    status = '';
  };
  const words = (said: Message) => escapeUntrusted(say(inTerminal(said, program), language));
  const columnsOf = (stream: NodeJS.WriteStream) => (stream.isTTY ? stream.columns || 80 : null); // windows change their size
  const whole = (said: Message) => escapeUntrusted(asSentence(inTerminal(said, program), language));
  const sentence = (said: Message, stream: NodeJS.WriteStream) => wrapped(whole(said), { columns: columnsOf(stream) }).join('\n');
  const complain = (problem: Message) => {
    clear();
    stderr.write(`${painted(colored.err, 'bad', sentence(problem, stderr))}\n`);
  };
  return {
    language,
    get columns() {
      return columnsOf(stdout);
    },
    canAsk: Boolean(stdin.isTTY && stderr.isTTY),
    program,
    say: words,
    sentence: whole,
    paint: (tone, text) => painted(colored.out, tone, text),
    print(text) {
      clear();
      stdout.write(`${text}\n`);
    },
    tell(said, tone = 'plain') {
      clear();
      stdout.write(`${painted(colored.out, tone, sentence(said, stdout))}\n`);
    },
    printJson: (value) => void stdout.write(`${jsonText(value, 2)}\n`),
    note(said) {
      clear();
      stderr.write(`${sentence(said, stderr)}\n`);
    },
    fail(reason) {
      complain(reason);
      return 1;
    },
    misuse(problem, command) {
      complain(problem);
      stderr.write(`${sentence(message('cli.seeHelp', { command: command ? `${command} --help` : '--help' }), stderr)}\n`);
      return 2;
    },
    confirm: (question) => confirm(`${sentence(question, stderr)} [y/N] `),
    status(text) {
      if (!stdout.isTTY) return;
      stdout.write(`\r\x1b[K${text}`);
      status = text;
    },
  };
}

function hasColors(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0';
  return Boolean(stream.isTTY) && TERM !== 'dumb';
}

function confirm(question: string): Promise<'yes' | 'no' | 'interrupted'> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve) => {
    const end = (answer: 'yes' | 'no' | 'interrupted') => {
      resolve(answer);
      lines.close();
    };
    lines.on('SIGINT', () => {
      process.stderr.write('\n');
      end('interrupted');
    });
    lines.on('close', () => end('no')); // Ctrl-D
    lines.question(question, (answer) => end(/^\s*(y|yes|是|好)\s*$/i.test(answer) ? 'yes' : 'no'));
  });
}
