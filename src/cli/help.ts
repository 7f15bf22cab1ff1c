import { message } from '../messages/message.ts';
import type { Command, OptionSpec } from './command.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { HELP_OPTION } from './parse-options.ts';
import type { Terminal } from './terminal.ts';
import { padToWidth, widthOf } from './text-width.ts';
import { wrapped } from './wrap.ts';

export function generalHelp(terminal: Terminal, version: string): string {
  const { say, paint } = terminal;
  const rows = COMMANDS.map(({ name }) => name);
  const width = Math.max(...rows.map(widthOf));
  const groups = GROUPS.map(({ title, names }) => [
    paint('bold', say(message(title))),
    ...COMMANDS.filter(({ name }) => names.includes(name)).flatMap(({ name, summary }) =>
      beside(`  ${padToWidth(name, width)}  `, say(message(summary)), terminal),
    ),
    '',
  ]);
  // Indented lines are there to be copied.
  const around = (text: string) =>
    text
      .split('\n')
      .flatMap((line) => (line.startsWith(' ') ? line : wrapped(line, terminal)))
      .join('\n');
  return [around(say(message('cli.help.intro', { version }))), '', ...groups.flat(), around(say(message('cli.help.more')))].join('\n');
}

export function commandHelp(name: string, command: Command, terminal: Terminal): string {
  const { say, paint } = terminal;
  const shown = Object.entries<OptionSpec>({ ...command.options, ...HELP_OPTION }).filter(([, { hidden }]) => !hidden);
  const rows = shown.map(([option, spec]) => ({
    names: `${spec.short ? `-${spec.short}, ` : '    '}--${option}${spec.value ? ` <${spec.value}>` : ''}`,
    about: say(message(spec.about)),
  }));
  const width = Math.max(...rows.map(({ names }) => widthOf(names)).filter((one) => one <= WIDEST_NAMES));
  const usage = [
    terminal.program,
    name,
    ...(rows.length > 1 ? [say(message('cli.help.options.usage'))] : []),
    ...(command.words ?? []),
  ].join(' ');
  return [
    ...wrapped(say(message(command.about)), terminal),
    '',
    ...wrapped(say(message('cli.help.usage', { usage })), terminal).map((line) => paint('bold', line)),
    '',
    paint('bold', say(message('cli.help.options'))),
    ...rows.flatMap(({ names, about }) => beside(`  ${padToWidth(names, width)}  `, about, terminal, width + 4)),
  ].join('\n');
}

/** Longer names stand on a line of their own, so that the texts of all others have room. */
const WIDEST_NAMES = 28;

/** The text goes on below its own beginning, as long as that leaves room for words. */
function beside(lead: string, text: string, terminal: Terminal, indent = widthOf(lead)): string[] {
  if (terminal.columns !== null && terminal.columns - indent < 20) return [lead + text];
  const lines = wrapped(text, terminal, ' '.repeat(indent));
  if (widthOf(lead) > indent) return [lead.trimEnd(), ...lines];
  return lines.map((line, at) => (at === 0 ? lead + line.slice(indent) : line));
}
