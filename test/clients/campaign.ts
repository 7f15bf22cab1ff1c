/**
 * Real clients from npm run one long delegation to its end, each with a scripted model that does what our texts say. Prints what each
 * needed; a client that did not come to the report, or not in four turns, makes it fail.
 *
 *   npm run clients [-- <name> ...] [--seconds <n>]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { finish, gitIn, makeRepository, run, write } from '../e2e/world.ts';
import { startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { DIST } from '../fakes/mcp-client.ts';
import { CLIENTS, type ClientProgram, isScript } from './client-programs.ts';
import { startObedientModel } from './obedient-model.ts';

const CACHE = path.join(import.meta.dirname, '..', '..', '.cache', 'clients');
const MOST_TURNS = 4;
const TASK = 'KIMI-TASK';
const BRANCH = 'feature/done';

interface Outcome {
  readonly client: string;
  readonly turns: number;
  readonly seconds: number;
  readonly ok: boolean;
  readonly said: string;
}

async function tryClient(client: ClientProgram, seconds: number): Promise<Outcome> {
  const folder = await install(client);
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-client-')));
  const repo = path.join(home, 'work', 'app');
  makeRepository(repo);
  const kimi = await startKimi({ scenario: [write('done.txt', 'done\n'), run(`sleep ${seconds}`), finish()] });
  const args = { repo_path: repo, branch_name: BRANCH, task_spec: 'Write done.txt with the word done.', checks: ['grep -q done done.txt'] };
  const model = await startObedientModel(TASK, { tool: 'implement_feature', args });
  const env = {
    KIMI_API_KEY: TEST_KEY,
    KIMI_BASE_URL: kimi.baseUrl,
    KIMI_COMMAND_TIMEOUT: '600',
    CLAUDE_KIMI_HOME: path.join(home, '.claude-kimi-mcp'),
  };
  const server = { command: process.execPath, args: [path.join(DIST, 'server.cjs')], env };
  const started = client.configure({ home, repo, port: model.port, server }, `${TASK} Add done.txt, by the tool.`);
  const program = path.join(folder, 'node_modules', started.program);
  const words = isScript(program) ? [process.execPath, program] : [program];
  const began = Date.now();
  const child = spawn(words[0] ?? '', [...words.slice(1), ...started.args], {
    cwd: repo,
    env: {
      PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: home,
      LANG: 'C.UTF-8',
      TERM: 'dumb',
      ...started.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = `${output}${chunk}`.slice(-4000)));
  const late = setTimeout(() => child.kill('SIGKILL'), (seconds + 240) * 1000);
  await once(child, 'close');
  clearTimeout(late);
  const took = Math.round((Date.now() - began) / 1000);
  const isDone = gitIn(repo, 'branch', '--list', BRANCH) !== '' && model.turns.at(-1)?.said === 'The work is done: ready.';
  await model.close();
  await kimi.close();
  killStrays(home);
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  const ok = isDone && model.turns.length <= MOST_TURNS;
  const said = ok
    ? ''
    : [...model.turns.map((turn) => turn.said), ...model.results.map((result) => result.slice(0, 600)), output].join('\n');
  return { client: client.package, turns: model.turns.length, seconds: took, ok, said };
}

/** Some clients leave a service behind, which nothing of theirs would end; it has the home that was made for the run. */
function killStrays(home: string): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`HOME=${home}`)) process.kill(Number(pid), 'SIGKILL');
    } catch {} // of somebody else, or gone
  }
}

/** Once for each version, in a folder of its own that is renamed at the end. */
async function install(client: ClientProgram): Promise<string> {
  const folder = path.join(CACHE, client.package.replace(/^@/, '').replace('/', '+'));
  if (existsSync(path.join(folder, 'node_modules'))) return folder;
  console.error(`Installing ${client.package}, once...`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{"private": true}\n');
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', client.package];
  const child = spawn('npm', words, { cwd: folder, stdio: ['ignore', 2, 2] });
  const [code] = await once(child, 'close');
  if (code !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`npm could not install ${client.package}`);
  }
  return folder;
}

const { values, positionals } = parseArgs({ options: { seconds: { type: 'string', default: '80' } }, allowPositionals: true });
const chosen = CLIENTS.filter(({ name }) => positionals.length === 0 || positionals.some((word) => name.toLowerCase().includes(word)));
let failed = false;
for (const client of chosen) {
  const outcome = await tryClient(client, Number(values.seconds));
  failed ||= !outcome.ok;
  console.log(`${outcome.ok ? 'ok    ' : 'FAILED'}  ${outcome.client}  ${outcome.turns} turns  ${outcome.seconds} s`);
  if (outcome.said) console.log(outcome.said.replace(/^/gm, '    '));
}
process.exitCode = failed ? 1 : 0;
