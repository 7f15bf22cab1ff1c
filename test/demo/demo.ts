import { mkdirSync, mkdtempSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { simpleGit } from 'simple-git';
import type { Terminal } from '../../src/cli/terminal.ts';
import { padToWidth, widthOf } from '../../src/cli/text-width.ts';
import { wrapped } from '../../src/cli/wrap.ts';
import { message, type PlainCode } from '../../src/messages/message.ts';
import { startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { BUG, makeSample } from './sample.ts';
import { DEMO_TURNS } from './scenario.ts';

const BRANCH = 'fix/cart-quantities';

/**
 * The main job from end to end: a sample repository, the real server, a real MCP client, the sandbox, git. Only the model is
 * played, unless `--live` is given.
 * @returns the exit code: 0 when the branch came back `ready`
 */
export async function demo({ live, terminal }: { live: boolean; terminal: Terminal }): Promise<number> {
  const { say, paint, print, tell } = terminal;
  const folder = mkdtempSync(path.join(tmpdir(), 'claude-kimi-demo-'));
  const repository = path.join(folder, 'corner-shop');
  mkdirSync(repository);
  await makeSample(repository);

  for (const line of wrapped(`claude-kimi-mcp: ${say(message('cli.demo.title'))}`, terminal)) print(paint('bold', line));
  print('');
  tell(message(live ? 'cli.demo.live' : 'cli.demo.scripted'));
  tell(message('cli.demo.sample', { folder: repository }));
  print('');

  const kimi = live ? null : await startKimi({ scenario: DEMO_TURNS, thinkMs: 400 });
  const client = new Client({ name: 'claude-code', version: 'demo' });
  try {
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [path.join(__dirname, 'server.cjs')],
        env: environment(folder, kimi?.baseUrl ?? null, terminal),
        cwd: repository,
      }),
    );
    print(paint('bold', `fix_bug on ${BRANCH}`));
    let last = '';
    const answer = await client.callTool(
      { name: 'fix_bug', arguments: { repo_path: repository, branch_name: BRANCH, bug_description: BUG } },
      undefined,
      {
        timeout: 3_600_000,
        onprogress: ({ message: said }) => {
          if (said && said !== last) for (const line of wrapped(said, terminal, '  ')) print(paint('dim', line));
          last = said ?? last;
        },
      },
    );
    const report = (answer.content as { text: string }[])[0]?.text ?? '';
    print(`\n${paint('bold', say(message('cli.demo.report')))}`);
    for (const line of wrapped(report, terminal)) print(line);
    print('');
    const ready = /^outcome: (ready|unverified|needs_review)/.test(report);
    if (ready) await showBranch(repository, terminal);
    return ready ? 0 : 1;
  } finally {
    await client.close();
    await kimi?.close();
    print('');
    tell(message('cli.demo.end', { folder }), 'dim');
  }
}

/** The scripted demo keeps its state beside the sample and knows nothing of the user's key; the live one uses the user's settings. */
function environment(folder: string, scripted: string | null, { tell }: Terminal): Record<string, string> {
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
      tell(message('cli.demo.noSandbox'));
    }
  }
  env.HOME ??= homedir();
  return env;
}

async function showBranch(repository: string, { say, paint, print, columns }: Terminal): Promise<void> {
  const git = simpleGit(repository);
  const colour = paint('bold', 'x') === 'x' ? [] : ['--color=always'];
  print(paint('bold', say(message('cli.demo.branches'))));
  print((await git.raw('log', '--graph', '--oneline', '--decorate', '--all', ...colour)).trimEnd());
  print(`\n${paint('bold', say(message('cli.demo.untouched')))} ${(await git.raw('status', '--short', '--branch')).trimEnd()}`);
  print(`\n${paint('bold', say(message('cli.demo.next')))}`);
  const next: [string, PlainCode][] = [
    [`git diff main...${BRANCH}`, 'cli.next.diff'],
    [`git merge --squash ${BRANCH}`, 'cli.next.merge'],
    [`git branch -D ${BRANCH}`, 'cli.demo.next.discard'],
  ];
  print(`  cd ${repository}`);
  for (const [command, code] of next) {
    const whole = `  ${padToWidth(command, 38)}  # ${say(message(code))}`;
    print(columns === null || widthOf(whole) <= columns ? whole : `  ${command}`);
  }
}
