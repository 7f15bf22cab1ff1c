import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { errorText } from '../common/caught-error.ts';
import { runsOn } from '../common/node-version.ts';
import { installedServers } from './installed-servers.ts';

/**
 * What Claude Code starts, by a path that never changes: `<state>/bin/launch.cjs`. It becomes the newest installed server. Extension
 * folders change with every update; this file and its neighbour `kimi-agent` do not. Kept small: it is paid at each start.
 */
function launch(): void {
  const stateDir = path.dirname(__dirname);
  // Commands that the server starts must not take VS Code's program for Node, and a server must look for windows where we are.
  delete process.env.ELECTRON_RUN_AS_NODE;
  process.env.CLAUDE_KIMI_HOME ||= stateDir;
  if (!runsOn(process.versions.node) && process.platform !== 'win32' && !process.env.KIMI_RUNTIME_RETRIED) {
    searchAgain();
    return;
  }
  for (const { server } of installedServers(stateDir)) {
    try {
      process.argv[1] = server;
      require(server);
      return;
    } catch (error) {
      // An update that is half unpacked, or half removed: an older one is better than none.
      process.stderr.write(`kimi-agent: ${server} does not start: ${errorText(error)}\n`);
    }
  }
  answerThatItIsGone();
}

/** The program that was written down has become too old (somebody switched to another Node): the shell script searches anew. */
function searchAgain(): void {
  rmSync(path.join(__dirname, 'runtime'), { force: true });
  const env = { ...process.env, KIMI_RUNTIME_RETRIED: '1' };
  const child = spawn(path.join(__dirname, 'kimi-agent'), process.argv.slice(2), { stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', answerThatItIsGone).on('exit', (code) => process.exit(code ?? 1));
}

const GONE =
  'Kimi Delegate is no longer installed, but still registered with Claude Code. Install it again (cd ~ && npx claude-kimi-mcp setup, or the VS Code extension), or remove the registration: claude mcp remove kimi-agent -s user';

/** Claude Code shows the message of a JSON-RPC error to the user; of a program that ends at once it shows only that it ended. */
function answerThatItIsGone(): void {
  process.stderr.write(`${GONE}\n`);
  let text = '';
  process.stdin.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) answer(line);
  });
  process.stdin.on('end', () => process.exit(1));
}

function answer(line: string): void {
  let message: { id?: unknown; method?: unknown };
  try {
    message = JSON.parse(line) as typeof message;
  } catch {
    return;
  }
  if (message.id === undefined || message.method === undefined) return;
  // Newer clients first ask for `server/discover`, and go on with `initialize` when it is unknown.
  const error = message.method === 'initialize' ? { code: -32000, message: GONE } : { code: -32601, message: 'Method not found' };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: message.id, error })}\n`);
}

launch();
