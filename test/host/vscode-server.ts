import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { HostInstall } from './provision.ts';

export interface HostOptions {
  readonly install: HostInstall;
  /** Folder with installed extensions, kept after close. Default: an empty one that goes with the host. */
  readonly extensionsDir?: string;
  /** Packaged extensions to install before the first window opens. */
  readonly vsix?: readonly string[];
  /** What the user wrote into settings.json. */
  readonly userSettings?: Readonly<Record<string, unknown>>;
  /** Default true: every folder is trusted. False: folders open in Restricted Mode. */
  readonly trust?: boolean;
  /** Needed for `runTestsInHost` and `extensionDevelopmentPath`; but VS Code then hides its notification toasts. */
  readonly smokeDriver: boolean;
  /** Language of the windows that ask for none, such as `zh-cn`; default `en`. */
  readonly locale?: string;
  /** Added to the environment of the server and so of the extension hosts. Nothing of the tester's own but PATH is passed on. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A running VS Code server; windows are opened on it with `openWindow`. */
export interface Host {
  readonly install: HostInstall;
  /** Leader of the server's process group. */
  readonly pid: number;
  readonly port: number;
  readonly url: string;
  /** Temporary folder of this host with everything that it writes; removed by `close`. */
  readonly dataDir: string;
  /** HOME of the server, the extension hosts and the terminals. */
  readonly home: string;
  /** Where VS Code writes its logs; those of extensions lie in `<start>/exthost<n>/<publisher>.<name>/`. */
  readonly logsDir: string;
  readonly smokeDriver: boolean;
  readonly locale: string;
  /** Installs or updates a packaged extension; open windows see it after a reload. */
  installVsix(file: string): Promise<void>;
  /** Ends the server with all its children and removes its folder. */
  close(): Promise<void>;
}

const START_MS = 30_000;
const STOP_MS = 5_000;

/** No experiment, no suggestion, no network: the windows show the extension and nothing else. */
const QUIET_SETTINGS = {
  'chat.agentsControl.enabled': false,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.autofetch': false,
  'git.openRepositoryInParentFolders': 'never',
  'npm.fetchOnlinePackageInfo': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'telemetry.telemetryLevel': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
  'update.mode': 'none',
  'window.autoDetectColorScheme': true,
  // editors as tabs: a modal one swallows the keys that open the palette
  'workbench.editor.useModal': 'off',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/**
 * Starts a VS Code server on 127.0.0.1 and a free port, with its own data, HOME and temp folder.
 * @throws Error with what the server printed when it ends early or is not ready in 30 s
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const { install } = options;
  const dataDir = await mkdtemp(path.join(tmpdir(), 'kimi-host-'));
  const home = path.join(dataDir, 'home');
  const serverData = path.join(dataDir, 'server');
  const extensionsDir = options.extensionsDir ?? path.join(dataDir, 'extensions');
  const env = hostEnvironment(install, dataDir, home, options.env);
  const storage = ['--server-data-dir', serverData, '--extensions-dir', extensionsDir];
  const installVsix = (file: string) => runToEnd(install, [...storage, '--install-extension', file, '--force'], env, home);
  let server: ChildProcess | undefined;
  const killNow = () => server && signalGroup(server, 'SIGKILL');
  const close = async () => {
    process.off('exit', killNow);
    if (server) await endGroup(server);
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    for (const folder of [home, extensionsDir, env['TMPDIR']!, path.join(serverData, 'data', 'User')])
      await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(
      path.join(serverData, 'data', 'User', 'settings.json'),
      JSON.stringify({ ...QUIET_SETTINGS, ...options.userSettings }, null, 2),
    );
    for (const file of options.vsix ?? []) await installVsix(file);
    server = spawn(install.node, [install.serverMain, ...serverArguments(options), ...storage], {
      env,
      cwd: home,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    process.once('exit', killNow);
    const port = await readPort(server);
    const logsDir = path.join(serverData, 'data', 'logs');
    return {
      install,
      pid: server.pid!,
      port,
      url: `http://127.0.0.1:${port}`,
      dataDir,
      home,
      logsDir,
      smokeDriver: options.smokeDriver,
      locale: options.locale ?? 'en',
      installVsix,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function serverArguments({ smokeDriver, trust = true }: HostOptions): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms', '--telemetry-level', 'off'],
    // should the tests be killed, the server notices within minutes that nobody is there
    ...['--enable-remote-auto-shutdown', '--reconnection-grace-time', '30'],
    ...(smokeDriver ? ['--enable-smoke-test-driver'] : []),
    ...(trust ? ['--disable-workspace-trust'] : []),
  ];
}

/** Short paths: VS Code puts sockets into TMPDIR and XDG_RUNTIME_DIR, and a socket's path may have 107 bytes. */
function hostEnvironment(
  install: HostInstall,
  dataDir: string,
  home: string,
  added: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const temp = path.join(dataDir, 't');
  const folders = [path.dirname(install.node), process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'];
  return { HOME: home, LANG: 'C.UTF-8', PATH: folders.join(':'), SHELL: '/bin/bash', TMPDIR: temp, XDG_RUNTIME_DIR: temp, ...added };
}

/** The server chooses a free port and prints it when it accepts windows, so nobody can take the port in between. */
async function readPort(server: ChildProcess): Promise<number> {
  const printed: string[] = [];
  server.stderr!.on('data', (chunk) => printed.push(String(chunk)));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const fail = (what: string) =>
    reject(new Error(`VS Code's server ${what}. Remove .cache/host to install it anew. It printed:\n${printed.join('\n')}`));
  const timer = setTimeout(() => fail(`was not ready in ${START_MS / 1000} s`), START_MS);
  server.once('error', (error) => fail(`did not start (${error.message})`));
  server.once('exit', (code, signal) => fail(`ended (${code ?? signal})`));
  // reading goes on after the port is known, or the server would block on a full pipe
  createInterface({ input: server.stdout! }).on('line', (line) => {
    printed.push(line);
    const port = /^Extension host agent listening on (\d+)/.exec(line)?.[1];
    if (port) resolve(Number(port));
  });
  return promise.finally(() => clearTimeout(timer));
}

async function runToEnd(install: HostInstall, args: readonly string[], env: Record<string, string>, cwd: string): Promise<void> {
  const child = spawn(install.node, [install.serverMain, '--accept-server-license-terms', ...args], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'close');
  // a refused package still ends with 0
  if (code !== 0 || /Failed Installing|Error while installing/i.test(output))
    throw new Error(`VS Code did not accept the extension (${args.at(-2)}):\n${output}`);
}

/** SIGTERM to the whole group (extension hosts and terminals are children), then SIGKILL. */
async function endGroup(server: ChildProcess): Promise<void> {
  const isRunning = () => server.pid !== undefined && server.exitCode === null && server.signalCode === null;
  if (isRunning()) {
    signalGroup(server, 'SIGTERM');
    await Promise.race([once(server, 'exit'), new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
  }
  signalGroup(server, 'SIGKILL');
  if (isRunning()) await once(server, 'exit');
}

function signalGroup(server: ChildProcess, signal: NodeJS.Signals): void {
  if (server.pid === undefined) return;
  try {
    process.kill(-server.pid, signal);
  } catch {
    // nobody is left
  }
}
