import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { BUG, makeSample } from './sample.ts';
import { DEMO_TURNS } from './scenario.ts';

const BRANCH = 'fix/cart-quantities';
const color = process.stdout.isTTY && !process.env.NO_COLOR;
const bold = (text: string) => (color ? `\x1b[1m${text}\x1b[0m` : text);
const dim = (text: string) => (color ? `\x1b[2m${text}\x1b[0m` : text);

/**
 * The main job from end to end: a sample repository, the real server, a real MCP client, the sandbox, git. Only the model is
 * played, unless `--live` is given.
 * @returns the exit code: 0 when the branch came back `ready`
 */
export async function demo(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => arg !== '--live');
  if (unknown.length > 0) {
    console.error(`The demo takes --live and nothing else (got ${unknown.join(' ')}).`);
    return 2;
  }
  const live = args.includes('--live');
  const folder = mkdtempSync(path.join(tmpdir(), 'claude-kimi-demo-'));
  const repository = path.join(folder, 'corner-shop');
  mkdirSync(repository);
  makeSample(repository);

  console.log(bold('claude-kimi-mcp: a bug fix from the call to a branch that can be reviewed\n'));
  console.log(
    live
      ? 'The real model works on this: the sample repository goes to the endpoint of your Kimi key, and it costs a few cents.'
      : 'The model is scripted: no key and no network are used, and the cost below is what its tokens would have cost.\nEverything else is real: the MCP server, the loop, the sandbox, git.',
  );
  console.log(`Sample repository: ${repository}\n`);

  const kimi = live ? null : await startKimi({ scenario: DEMO_TURNS, thinkMs: 400 });
  const client = new Client({ name: 'claude-code', version: 'demo' });
  try {
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [path.join(__dirname, 'server.cjs')],
        env: environment(folder, kimi?.baseUrl ?? null),
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
    console.log(`\n${bold('The report, as Claude reads it')}\n${report}\n`);
    const ready = /^outcome: (ready|unverified|needs_review)/.test(report);
    if (ready) showBranch(repository);
    return ready ? 0 : 1;
  } finally {
    await client.close();
    await kimi?.close();
    console.log(dim(`\nEverything lies in ${folder}; remove it when you have seen enough.`));
  }
}

/** The scripted demo keeps its state beside the sample and knows nothing of the user's key; the live one uses the user's settings. */
function environment(folder: string, scripted: string | null): Record<string, string> {
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
      console.log('The sandbox works on Linux so far; the scripted commands of this demo run without it.\n');
    }
  }
  env.HOME ??= homedir();
  return env;
}

function showBranch(repository: string): void {
  const git = (...words: string[]) => execFileSync('git', ['-C', repository, ...words], { encoding: 'utf8' }).trimEnd();
  console.log(bold('The branches'));
  console.log(git('log', '--graph', '--oneline', '--decorate', '--all', ...(color ? ['--color=always'] : [])));
  console.log(`\n${bold('Your checkout was not touched')}: ${git('status', '--short', '--branch')}`);
  console.log(`\n${bold('What to do next')}`);
  console.log(`  cd ${repository}`);
  console.log(`  git diff main...${BRANCH}          # review`);
  console.log(`  git merge --squash ${BRANCH}       # take it`);
  console.log(`  git branch -D ${BRANCH}            # or throw it away`);
}
