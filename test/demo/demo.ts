import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { message, PlainCode } from '../../src/messages/message.ts';
import { startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { BUG, makeSample } from './sample.ts';
import { DEMO_TURNS } from './scenario.ts';

/** What the program says, in the language of the terminal. */
export type Tell = <C extends Parameters<typeof message>[0]>(...said: Parameters<typeof message<C>>) => string;

const BRANCH = 'fix/cart-quantities';
const color = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text: string) => (color ? `\x1b[1m${text}\x1b[0m` : text);
const dim = (text: string) => (color ? `\x1b[2m${text}\x1b[0m` : text);

/**
 * The main job from end to end: a sample repository, the real server, a real MCP client, the sandbox, git. Only the model is
 * played, unless `--live` is given.
 * @returns the exit code: 0 when the branch came back `ready`
 */
export async function demo({ live, tell }: { live: boolean; tell: Tell }): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'claude-kimi-demo-'));
  const repository = path.join(folder, 'corner-shop');
  mkdirSync(repository);
  makeSample(repository);

  console.log(bold(`claude-kimi-mcp: ${tell('cli.demo.title')}\n`));
  console.log(tell(live ? 'cli.demo.live' : 'cli.demo.scripted'));
  console.log(`${tell('cli.demo.sample', { folder: repository })}\n`);

  const kimi = live ? null : await startKimi({ scenario: DEMO_TURNS, thinkMs: 400 });
  const client = new Client({ name: 'claude-code', version: 'demo' });
  try {
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [path.join(__dirname, 'server.cjs')],
        env: environment(folder, kimi?.baseUrl ?? null, tell),
        cwd: repository,
      }),
    );
    console.log(bold(`fix_bug on ${BRANCH}`));
    let last = '';
    const answer = await client.callTool(
      { name: 'fix_bug', arguments: { repo_path: repository, branch_name: BRANCH, bug_description: BUG, checks: ['npm test'] } },
      undefined,
      {
        timeout: 3_600_000,
        onprogress: ({ message }) => {
          if (message && message !== last) console.log(dim(`  ${message}`));
          last = message ?? last;
        },
      },
    );
    const report = (answer.content as { text: string }[])[0]?.text ?? '';
    console.log(`\n${bold(tell('cli.demo.report'))}\n${report}\n`);
    const ready = /^outcome: (ready|unverified|needs_review)/.test(report);
    if (ready) showBranch(repository, tell);
    return ready ? 0 : 1;
  } finally {
    await client.close();
    await kimi?.close();
    console.log(dim(`\n${tell('cli.demo.end', { folder })}`));
  }
}

/** The scripted demo keeps its state beside the sample and knows nothing of the user's key; the live one uses the user's settings. */
function environment(folder: string, scripted: string | null, tell: Tell): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && (scripted === null || !/^(KIMI_|CLAUDE_|OPENAI_|https?_proxy$|all_proxy$)/i.test(name))) env[name] = value;
  }
  if (scripted !== null) {
    env.KIMI_API_KEY = TEST_KEY;
    env.KIMI_BASE_URL = scripted;
    env.CLAUDE_KIMI_HOME = path.join(folder, 'state');
    if (process.platform !== 'linux') {
      env.KIMI_SANDBOX = 'unsandboxed';
      console.log(`${tell('cli.demo.noSandbox')}\n`);
    }
  }
  env.HOME ??= homedir();
  return env;
}

function showBranch(repository: string, tell: Tell): void {
  const git = (...words: string[]) => execFileSync('git', ['-C', repository, ...words], { encoding: 'utf8' }).trimEnd();
  console.log(bold(tell('cli.demo.branches')));
  console.log(git('log', '--graph', '--oneline', '--decorate', '--all', ...(color ? ['--color=always'] : [])));
  console.log(`\n${bold(tell('cli.demo.untouched'))} ${git('status', '--short', '--branch')}`);
  console.log(`\n${bold(tell('cli.demo.next'))}`);
  const next: [string, PlainCode][] = [
    [`git diff main...${BRANCH}`, 'cli.next.diff'],
    [`git merge --squash ${BRANCH}`, 'cli.next.merge'],
    [`git branch -D ${BRANCH}`, 'cli.demo.next.discard'],
  ];
  console.log(`  cd ${repository}`);
  for (const [command, code] of next) console.log(`  ${command.padEnd(44)} # ${tell(code)}`);
}
