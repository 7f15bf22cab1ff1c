/** The environment of a command: built from nothing, so that no key can be in it. */
import { lstatSync, readFileSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';
import { contains } from '../common/path-contains.ts';
import { isThere } from '../common/real-path.ts';
import { ECOSYSTEMS } from './ecosystems.ts';
import { ENVIRONMENT_VARIABLES } from './find-environment.ts';
import { isPlainFile } from './mount-points.ts';
import { readRegistries } from './registries.ts';
import { TOOLCHAINS } from './toolchains.ts';

const LARGEST_MANIFEST = 1024 * 1024;
const FALLBACK_PATH = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];

/** Variables that name a folder or file of a toolchain, and never a secret: passed on when what they name exists. */
const PATH_VARIABLES = new Set([
  ...TOOLCHAINS.flatMap(({ variable }) => variable ?? []),
  ...ECOSYSTEMS.flatMap(({ caches = [] }) => caches.flatMap(({ variable }) => variable ?? [])),
  ...ENVIRONMENT_VARIABLES,
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'PIP_CERT',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
]);

/** Where the user has no locale, there is none inside either: Ruby, Java and Perl read files by it. */
const LOCALE = [
  ...['LANG', 'LANGUAGE', 'LC_ALL', 'LC_CTYPE', 'LC_COLLATE', 'LC_MESSAGES', 'LC_MONETARY', 'LC_NUMERIC', 'LC_TIME'],
  ...['LC_ADDRESS', 'LC_IDENTIFICATION', 'LC_MEASUREMENT', 'LC_NAME', 'LC_PAPER', 'LC_TELEPHONE'],
];
const PASSED = [...LOCALE, 'TZ', 'USER', 'LOGNAME', 'CONDA_DEFAULT_ENV'];

/**
 * No questions, no pagers, no advertising; and no __pycache__ folders that would end in the commit. Nothing that tests look at: with CI set new
 * snapshots fail and dependencies cannot be added, NO_COLOR changes what a program prints; that there is no terminal keeps colours and watch
 * modes away.
 */
const QUIET: Readonly<Record<string, string>> = {
  TERM: 'dumb',
  PAGER: 'cat',
  GIT_PAGER: 'cat',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_EDITOR: ':',
  EDITOR: ':',
  DEBIAN_FRONTEND: 'noninteractive',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_progress: 'false',
  npm_config_update_notifier: 'false',
  npm_config_yes: 'true',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
  PIP_NO_INPUT: '1',
  PYTHONDONTWRITEBYTECODE: '1',
};

const TERMINALS = ['/etc/terminfo', '/lib/terminfo', '/usr/lib/terminfo', '/usr/share/terminfo'];
const SYSTEM_SHELL = /^\/(?:usr\/|usr\/local\/|opt\/homebrew\/)?bin\/[\w.-]+$/;

/** Tools look at once into what is there, instead of waiting for a network that is not. */
const OFFLINE: Readonly<Record<string, string>> = Object.assign({}, ...ECOSYSTEMS.map(({ offline }) => offline));

export interface EnvironmentOptions {
  /** TMPDIR as commands see it. */
  readonly shownTemp: string;
  /** HOME as they see it. */
  readonly shownHome: string;
  /** Folders whose programs must not be found by name: the repository and its private copy. */
  readonly untrusted: readonly string[];
  /** Places in there where something of the user's is mounted, which is no part of the repository. */
  readonly lent?: readonly string[];
  /** Port of the proxy as commands see it, or null without network. */
  readonly proxyPort: number | null;
  /** Whether the tests would wait for changes for ever if they did not believe that they run in CI; see `watchesWithoutTerminal`. */
  readonly watches: boolean;
}

/** The whole environment of a command. `source` is the environment to take PATH, LANG and toolchain folders from. */
export function commandEnvironment(
  source: Readonly<Record<string, string | undefined>>,
  options: EnvironmentOptions,
): Record<string, string> {
  const env: Record<string, string> = { ...QUIET };
  for (const name of PASSED) if (source[name]) env[name] = source[name];
  Object.assign(env, terminalOf(source));
  for (const { folder, variable, names = '' } of TOOLCHAINS) {
    const path = source['HOME'] && folder ? join(source['HOME'], folder, names) : '';
    if (variable && path.startsWith('/') && isThere(path)) env[variable] = path;
  }
  for (const name of PATH_VARIABLES) {
    const path = normalize(source[name] ?? '');
    if (isAbsolute(path) && isThere(path) && isTrusted(path, options)) env[name] = path;
  }
  Object.assign(env, readRegistries(source).variables);
  env['PATH'] = searchPath(source['PATH'] ?? '', options).join(':');
  env['HOME'] = options.shownHome;
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) env[name] = options.shownTemp;
  if (options.watches) env['CI'] = 'true';
  return { ...env, ...(options.proxyPort === null ? OFFLINE : proxyVariables(options.proxyPort)) };
}

/**
 * What a test asks that makes a terminal of its own (by `script`, tmux, a pty) or whose program knows colours by these alone. A terminal that
 * nothing on the system describes, and a shell that lies elsewhere, would be none inside.
 */
function terminalOf(source: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const { TERM = '', COLORTERM = '', SHELL = '' } = source;
  const [first = ''] = TERM;
  const isKnown =
    /^\w[\w+.-]*$/.test(TERM) &&
    TERMINALS.some((folder) => [first, first.charCodeAt(0).toString(16)].some((below) => isThere(join(folder, below, TERM))));
  return {
    ...(isKnown && { TERM }),
    ...(isKnown && /^[\w-]+$/.test(COLORTERM) && { COLORTERM }),
    ...(SYSTEM_SHELL.test(SHELL) && isThere(SHELL) && { SHELL }),
  };
}

/** Create React App and what builds on it watch whenever CI is not set; all others look whether there is a terminal. */
export function watchesWithoutTerminal(folder: string): boolean {
  const file = join(folder, 'package.json');
  try {
    const { size } = lstatSync(file);
    return (
      isPlainFile(file) && size < LARGEST_MANIFEST && /\b(react-scripts|react-app-rewired|craco) test\b/.test(readFileSync(file, 'latin1'))
    );
  } catch {
    return false;
  }
}

function searchPath(path: string, options: EnvironmentOptions): string[] {
  // Normal, so that what is looked at and what is passed on are the same: `..` behind a link leads somewhere else.
  const folders = path.split(':').map((folder) => normalize(folder));
  const own = folders.filter((folder) => isAbsolute(folder) && isTrusted(folder, options) && isThere(folder));
  return [...new Set([...own, ...FALLBACK_PATH])];
}

function proxyVariables(port: number): Record<string, string> {
  const url = `http://127.0.0.1:${port}`;
  const bypass = 'localhost,127.0.0.1,::1';
  return {
    HTTPS_PROXY: url,
    https_proxy: url,
    HTTP_PROXY: url,
    http_proxy: url,
    ALL_PROXY: url,
    NO_PROXY: bypass,
    no_proxy: bypass,
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    npm_config_noproxy: bypass,
    CARGO_HTTP_PROXY: url,
    ...Object.fromEntries(['MAVEN_OPTS', 'GRADLE_OPTS', 'SBT_OPTS'].map((name) => [name, javaProxy(port)])),
    NODE_USE_ENV_PROXY: '1',
  };
}

/** Java reads no variable for it, and says so on stderr where one for all of its programs is set. */
function javaProxy(port: number): string {
  return ['http', 'https'].map((scheme) => `-D${scheme}.proxyHost=127.0.0.1 -D${scheme}.proxyPort=${port}`).join(' ');
}

function isTrusted(path: string, { untrusted, lent = [] }: EnvironmentOptions): boolean {
  return !isInside(path, untrusted) || isInside(path, lent);
}

function isInside(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => contains(folder, path));
}
