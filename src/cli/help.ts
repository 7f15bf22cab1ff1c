import { message } from '../messages/message.ts';
import type { Command, OptionSpec } from './command.ts';
import { COMMANDS, GROUPS } from './commands.ts';
import { HELP_OPTION } from './parse-options.ts';
import type { Terminal } from './terminal.ts';
import { padToWidth, widthOf } from './text-width.ts';

const PROGRAM = 'claude-kimi-mcp';

export function generalHelp(terminal: Terminal, version: string): string {
  const { say, paint } = terminal;
  const rows = COMMANDS.map(({ name }) => name);
  const width = Math.max(...rows.map(widthOf));
  const groups = GROUPS.map(({ title, names }) => [
    paint('bold', say(message(title))),
    ...COMMANDS.filter(({ name }) => names.includes(name)).map(
      ({ name, summary }) => `  ${padToWidth(name, width)}  ${say(message(summary))}`,
    ),
    '',
  ]);
  return [say(message('cli.help.intro', { version })), '', ...groups.flat(), say(message('cli.help.more'))].join('\n');
}

export function commandHelp(name: string, command: Command, terminal: Terminal): string {
  const { say, paint } = terminal;
  const rows = Object.entries<OptionSpec>({ ...command.options, ...HELP_OPTION }).map(([option, spec]) => ({
    names: `${spec.short ? `-${spec.short}, ` : '    '}--${option}${spec.value ? ` <${spec.value}>` : ''}`,
    about: say(message(spec.about)),
  }));
  const width = Math.max(...rows.map(({ names }) => widthOf(names)));
  const usage = [PROGRAM, name, ...(rows.length > 1 ? [say(message('cli.help.options.usage'))] : []), ...(command.words ?? [])].join(' ');
  return [
    say(message(command.about)),
    '',
    `${paint('bold', say(message('cli.help.usage')))}  ${usage}`,
    '',
    paint('bold', say(message('cli.help.options'))),
    ...rows.map(({ names, about }) => `  ${padToWidth(names, width)}  ${about}`),
  ].join('\n');
}
