import { defineCommand } from './command.ts';

/** Only for its help: the door starts the server itself, before any of this is loaded. */
export const serve = defineCommand({ about: 'cli.serve.about', options: {}, run: async () => 0 });
