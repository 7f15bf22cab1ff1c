import path from 'node:path';
import { defineCommand } from './command.ts';
import type { Terminal } from './terminal.ts';

interface DemoProgram {
  demo(options: { live: boolean; terminal: Terminal }): Promise<number>;
}

/** The demo comes with its own scripted model and is a program by itself. */
export const demo = defineCommand({
  about: 'cli.demo.about',
  options: { live: { type: 'boolean', about: 'cli.option.live' } },
  run({ options }, { programFolder, terminal }) {
    const program = require(path.join(programFolder, 'demo-main.cjs')) as DemoProgram;
    return program.demo({ live: options.live ?? false, terminal });
  },
});
