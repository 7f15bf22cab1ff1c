import type { PlainCode } from '../messages/message.ts';
import type { Command } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: PlainCode;
  /** A command is loaded when it is called. */
  load(): Promise<Command>;
}

/** The groups of the help, in its order. */
export const GROUPS: readonly { readonly title: PlainCode; readonly names: readonly string[] }[] = [
  { title: 'cli.group.start', names: ['setup', 'doctor', 'demo', 'serve'] },
  { title: 'cli.group.look', names: ['list', 'show', 'log', 'diff', 'stats'] },
  { title: 'cli.group.decide', names: ['merge', 'discard', 'restore'] },
  { title: 'cli.group.work', names: ['resume', 'cancel', 'clean'] },
];

export const COMMANDS: readonly CommandEntry[] = [
  { name: 'setup', summary: 'cli.setup.summary', load: async () => (await import('./setup/setup.ts')).setup },
  { name: 'doctor', summary: 'cli.doctor.summary', load: async () => (await import('./setup/doctor.ts')).doctor },
  { name: 'demo', summary: 'cli.demo.summary', load: async () => (await import('./demo.ts')).demo },
  { name: 'serve', summary: 'cli.serve.summary', load: async () => (await import('./serve.ts')).serve },
  { name: 'list', summary: 'cli.list.summary', load: async () => (await import('./list.ts')).list },
  { name: 'show', summary: 'cli.show.summary', load: async () => (await import('./show.ts')).show },
  { name: 'log', summary: 'cli.log.summary', load: async () => (await import('./log.ts')).log },
  { name: 'diff', summary: 'cli.diff.summary', load: async () => (await import('./diff.ts')).diff },
  { name: 'stats', summary: 'cli.stats.summary', load: async () => (await import('./stats.ts')).stats },
  { name: 'merge', summary: 'cli.merge.summary', load: async () => (await import('./review.ts')).merge },
  { name: 'discard', summary: 'cli.discard.summary', load: async () => (await import('./review.ts')).discard },
  { name: 'restore', summary: 'cli.restore.summary', load: async () => (await import('./review.ts')).restore },
  { name: 'resume', summary: 'cli.resume.summary', load: async () => (await import('./resume.ts')).resume },
  { name: 'cancel', summary: 'cli.cancel.summary', load: async () => (await import('./cancel.ts')).cancel },
  { name: 'clean', summary: 'cli.clean.summary', load: async () => (await import('./clean.ts')).clean },
];
