// Lets a harness bench run us like any command-line agent: `node peer.mjs <base url> <prompt>` in a repository.
// Speaks MCP to the built server by hand (an SDK client would be measured too), delegates the prompt, and then lands the branch in
// the working tree, where the bench looks for the edits.
import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [baseUrl, prompt] = process.argv.slice(2);
const repo = process.cwd();
const branch = 'bench/run';
const server = spawn(process.execPath, [fileURLToPath(new URL('../../dist/server.cjs', import.meta.url))], {
  stdio: ['pipe', 'pipe', 'inherit'],
  env: {
    ...process.env,
    KIMI_API_KEY: 'sk-fake-bench-key',
    KIMI_BASE_URL: baseUrl,
    KIMI_MAX_STEPS: '300',
    KIMI_BUDGET: '100000',
    CLAUDE_PROJECT_DIR: repo,
  },
});
let last = 0;
const waiting = new Map();
let buffer = '';
server.stdout.setEncoding('utf8').on('data', (chunk) => {
  buffer += chunk;
  for (let end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n')) {
    const message = JSON.parse(buffer.slice(0, end));
    buffer = buffer.slice(end + 1);
    waiting.get(message.id)?.(message);
  }
});
const send = (message) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const ask = (method, params) =>
  new Promise((resolve) => {
    const id = ++last;
    waiting.set(id, resolve);
    send({ id, method, params });
  });

await ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'claude-code', version: 'bench' } });
send({ method: 'notifications/initialized' });
await ask('tools/list', {});
if (process.env.BENCH_SETTLE) await new Promise((resolve) => setTimeout(resolve, Number(process.env.BENCH_SETTLE)));
console.error(`call at ${(Number(process.hrtime.bigint()) / 1e6).toFixed(2)}`);
const answer = await ask('tools/call', {
  name: 'implement_feature',
  arguments: { repo_path: repo, branch_name: branch, task_spec: prompt },
});
console.log(answer.result?.content?.[0]?.text.slice(0, 600) ?? JSON.stringify(answer));
server.stdin.end();
await new Promise((resolve) => server.on('close', resolve));
const git = (...words) => execFileSync('git', ['-C', repo, ...words], { stdio: 'pipe' });
git('checkout', '-q', branch, '--', '.');
git('branch', '-q', '-D', branch);
