import { existsSync } from 'node:fs';
import path from 'node:path';
import { stateDirectory } from './config.ts';
import { errorOutcome } from './delegation/result/error-outcome.ts';
import { listStatus } from './delegation/store/delegation-status.ts';
import { oneLine } from './mcp/escape-untrusted.ts';
import { costText } from './mcp/report.ts';
import { say } from './messages/message.ts';
import { openRepository } from './workspace/open-repository.ts';

declare const __VERSION__: string;

const HELP = `claude-kimi-mcp ${__VERSION__}: Claude plans and reviews, Kimi writes the code on a branch of its own.

  claude-kimi-mcp serve           the MCP server on standard input and output (what Claude Code starts)
  claude-kimi-mcp list [folder]   the delegations of a repository
  claude-kimi-mcp demo [--live]   a bug fix from call to report in a sample repository; --live uses your Kimi key
  claude-kimi-mcp --version | --help

Register it with Claude Code:
  claude mcp add --scope user kimi-agent -- npx -y claude-kimi-mcp serve
The Kimi key goes into KIMI_API_KEY or ~/.claude-kimi-mcp/.env.`;

/** The terminal door. Started by a client (no terminal on stdin) without a command, it is the server. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command ?? (process.stdin.isTTY ? 'help' : 'serve')) {
    case 'serve':
      require(path.join(__dirname, 'server-main.cjs'));
      return new Promise(() => {}); // the server ends the process
    case 'demo':
      return demo(rest);
    case 'list':
      if (rest.length > 1 || rest[0]?.startsWith('-')) return misused(`list takes one folder, not ${JSON.stringify(rest.join(' '))}.`);
      return list(rest[0] ?? process.cwd());
    case '--version':
    case '-v':
      console.log(__VERSION__);
      return 0;
    case 'help':
    case '--help':
    case '-h':
      console.log(HELP);
      return 0;
    default:
      return misused(`There is no command ${JSON.stringify(command)}.`);
  }
}

function misused(problem: string): number {
  console.error(`${problem}\n\n${HELP}`);
  return 2;
}

function failed(why: string): number {
  console.error(why);
  return 1;
}

/** The demo comes with its own scripted model and is a program by itself. */
async function demo(args: readonly string[]): Promise<number> {
  const program = path.join(__dirname, 'demo-main.cjs');
  if (!existsSync(program)) return failed('The demo is not part of this installation. Clone the repository and run: npm start');
  return (require(program) as { demo(args: readonly string[]): Promise<number> }).demo(args);
}

async function list(folder: string): Promise<number> {
  const opened = await openRepository(path.resolve(folder));
  if (!opened.ok) return failed(say(opened.reason, 'en'));
  const all = await listStatus(stateDirectory(process.env), opened.repository.commonDir);
  if (all.length === 0) console.log(`No delegations in ${opened.repository.root} yet.`);
  for (const { identity, status } of all) {
    const name = oneLine(identity.branch, 60).padEnd(40);
    if (status.state === 'ended') {
      const { outcome, change, cost } = status.result;
      console.log(
        `${name} ${outcome.padEnd(18)} ${change ? `+${change.added} -${change.removed}`.padEnd(12) : ''.padEnd(12)} ${costText(cost)}`,
      );
    } else if (status.state === 'unknown') console.log(`${name} never started`);
    else console.log(`${name} ${status.state.padEnd(18)} step ${status.step}/${status.maxSteps}`);
  }
  return 0;
}

main(process.argv.slice(2))
  .catch((error: unknown) => failed(say(errorOutcome(error, stateDirectory(process.env)).reason, 'en')))
  .then((code) => {
    process.exitCode = code;
  });
