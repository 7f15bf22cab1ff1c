import path from 'node:path';

/** The terminal door. Started by a client (no terminal on stdin) without a command it is the server; nothing else is loaded for that. */
const args = process.argv.slice(2);
const [command] = args;
if (args.length <= 1 && (command ?? (process.stdin.isTTY ? 'help' : 'serve')) === 'serve') require(path.join(__dirname, 'server-main.cjs'));
else void import('./cli/main.ts').then(({ main }) => main(args, __dirname));
