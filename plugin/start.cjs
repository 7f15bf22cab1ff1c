// Starts the MCP server: that of the clone in which this plugin lies, else the newest one from npm.
const { spawn } = require('node:child_process');
const { existsSync } = require('node:fs');
const { homedir } = require('node:os');
const path = require('node:path');

const built = path.join(__dirname, '..', 'dist', 'server.cjs');
if (existsSync(built)) require(built);
else {
  // In the project, npx would run a program of that name among its packages, and take its .npmrc.
  const project = process.cwd();
  const isRoot = path.dirname(project) === project;
  // A folder of packages on PATH (npm run, direnv) is a project's, too, and a relative one is found from wherever we are.
  const isOwn = (folder) => path.isAbsolute(folder) && !folder.split(/[\\/]/).includes('node_modules');
  const PATH = (process.env.PATH || '').split(path.delimiter).filter(isOwn).join(path.delimiter);
  const env = { ...process.env, PATH, ...(isRoot ? {} : { CLAUDE_PROJECT_DIR: process.env.CLAUDE_PROJECT_DIR || project }) };
  // On Windows npx is a script, which only a shell can start.
  const child = spawn('npx', ['-y', 'claude-kimi-mcp', 'serve'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    cwd: homedir(),
    env,
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`npx does not start (${error.message}); install Node.js 20.12 or newer, which brings it: https://nodejs.org`);
    process.exit(1);
  });
  child.on('exit', (code) => process.exit(code === null ? 1 : code));
}
