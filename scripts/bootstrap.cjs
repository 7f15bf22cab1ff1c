// Runs one of the project's commands on a machine that has only Node (20 or newer) and npm: installs the packages, on Debian as
// root also the sandbox programs, picks a Node that can run TypeScript, builds, and hands over. No dependencies of its own.
const { spawn, spawnSync } = require('node:child_process');
const { existsSync, statSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const root = path.join(__dirname, '..');
const [entry, ...args] = process.argv.slice(2);

/**
 * Without sandbox, window, real Claude Code or many git processes: seconds. The others are called `*.slow.test.ts` or `*.alone.test.ts`,
 * or have a folder. `isQuick` of test/run-all.ts says the same.
 */
const QUICK = ['test/!(*.slow|*.alone).test.ts', 'test/!(e2e|host|redteam|install)/**/!(*.slow|*.alone).test.ts'];
const types = ['node_modules/typescript/bin/tsc', '-p', '.'];
const lint = ['node_modules/@biomejs/biome/bin/biome', 'check', '.'];
const bundles = ['esbuild.mjs'];
const mocha = (...files) => ['node_modules/mocha/bin/mocha.js', '--reporter', 'test/reporter.cjs', ...(args.length > 0 ? args : files)];

const COMMANDS = {
  build: [[...bundles, ...args]],
  watch: [['--watch', '--watch-preserve-output', '--watch-path=src', '--watch-path=esbuild.mjs', ...bundles, '--development']],
  check: [types, lint, bundles, mocha(...QUICK)],
  unit: [bundles, mocha(...QUICK)],
  test: [types, lint, bundles, args.length > 0 ? mocha() : ['test/run-all.ts']],
  package: [bundles, ['scripts/package.mjs', ...args]],
  demo: [bundles, ['dist/cli.js', 'demo', ...args]],
  electron: [bundles, ['test/host/electron.ts', ...args]],
  bench: [bundles, ['test/bench/bench.ts', ...args]],
  campaign: [bundles, ['test/campaign/campaign.ts', ...args]],
  fuzz: [bundles, ['test/fuzz/fuzz.ts', ...args]],
  parity: [bundles, ['test/parity/parity.ts', ...args]],
  evidence: [bundles, ['test/evidence/evidence.ts', ...args]],
  eval: [bundles, ['test/eval/eval.ts', ...args]],
  clients: [bundles, ['test/clients/campaign.ts', ...args]],
};

const steps = COMMANDS[entry];
if (!steps) {
  console.error(`usage: node scripts/bootstrap.cjs ${Object.keys(COMMANDS).join(' | ')}`);
  process.exit(2);
}
installPackages(root, 'packages');
if (!['build', 'watch', 'package'].includes(entry)) installPrograms();
const node = findNode();
void run();

function installPackages(folder, what) {
  const lock = path.join(folder, 'package-lock.json');
  const mark = path.join(folder, 'node_modules', '.package-lock.json');
  if (existsSync(mark) && statSync(mark).mtimeMs >= statSync(lock).mtimeMs) return;
  console.error(`Installing ${what} (once)...`);
  // stdout belongs to the command that follows
  const done = spawnSync('npm', ['ci', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (done.status !== 0) {
    console.error('npm ci failed (see above). Check the network and the npm registry settings, then run the command again.');
    process.exit(1);
  }
  const now = new Date();
  require('node:fs').utimesSync(mark, now, now);
}

/** What commands need on Linux, and what some tests or a network in the sandbox need: without that they are skipped. */
function installPrograms() {
  if (process.platform !== 'linux') return;
  const isThere = (program) => ['/usr/bin', '/bin', '/usr/local/bin'].some((folder) => existsSync(path.join(folder, program)));
  const needed = [
    ['bwrap', 'bubblewrap'],
    ['git', 'git'],
  ];
  const useful = [['socat', 'socat'], ...(entry === 'test' ? [['git-lfs', 'git-lfs']] : [])];
  const [required, optional] = [needed, useful].map((list) => list.filter(([program]) => !isThere(program)).map(([, name]) => name));
  const names = [...required, ...optional];
  if (names.length === 0) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.error(`Missing programs: ${names.join(', ')}. Install them first, for example: sudo apt-get install ${names.join(' ')}`);
    if (required.length > 0) process.exit(1);
    return;
  }
  console.error(`Installing ${names.join(', ')} (once)...`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...words) => spawnSync('apt-get', words, { stdio: ['ignore', 'ignore', 2], env }).status === 0;
  const install = (...packages) => packages.length === 0 || apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
  apt('update', '-qq');
  for (const list of [required, optional]) {
    if (install(...list)) continue;
    console.error(`apt-get could not install ${list.join(', ')}. Install them by hand, then run the command again.`);
    if (list === required) process.exit(1);
  }
}

/** Node 24 runs TypeScript as it is: this one, or one that is installed beside the project. Users of the program never get it. */
function findNode() {
  // Packages of older versions held the Node that runs this, and are gone by now.
  if (Number(process.versions.node.split('.')[0]) >= 24 && existsSync(process.execPath)) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${os.arch()}`;
  const folder = path.join(__dirname, 'node');
  if (!(name in require('./node/package.json').optionalDependencies)) {
    console.error(
      `Node 24 or newer is needed on ${process.platform} ${os.arch()}; this is ${process.version}. Install it from https://nodejs.org, then run the command again.`,
    );
    process.exit(1);
  }
  installPackages(folder, 'Node 24');
  return path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

async function run() {
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}` };
  for (const words of steps) {
    const code = await new Promise((resolve) => {
      const child = spawn(node, words, { cwd: root, stdio: 'inherit', env });
      const forward = (signal) => child.kill(signal);
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
      child.on('error', (error) => {
        console.error(error.message);
        resolve(1);
      });
      child.on('exit', (status, signal) => {
        for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, forward);
        resolve(signal ? 128 + (os.constants.signals[signal] ?? 0) : status);
      });
    });
    if (code !== 0) process.exit(code);
  }
}
