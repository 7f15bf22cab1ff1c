import path from 'node:path';
import { message } from '../messages/message.ts';
import { defineCommand } from './command.ts';

interface DemoProgram {
  demo(options: { live: boolean; tell: (...said: Parameters<typeof message>) => string }): Promise<number>;
}

/** The demo comes with its own scripted model and is a program by itself. */
export const demo = defineCommand({
  about: 'cli.demo.about',
  options: { live: { type: 'boolean', about: 'cli.option.live' } },
  run({ options }, { programFolder, terminal }) {
    const program = require(path.join(programFolder, 'demo-main.cjs')) as DemoProgram;
    return program.demo({ live: options.live ?? false, tell: (...said) => terminal.say(message(...said)) });
  },
});
