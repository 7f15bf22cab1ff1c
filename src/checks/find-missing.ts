/**
 * Reads from what a check printed that something it needs is not there: its failure then says nothing of the work. The output is hostile,
 * and what is taken from it is shown, so only names of plain characters are.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Missing {
  /**
   * program: a command that could not be started. package: something that the project depends on. browser: one that a test tool downloads.
   * service: nothing answers at an address of this machine. version: a tool that is too old or too new, or not there in the one that is named.
   * sandbox: a browser would make one of its own, within ours.
   */
  readonly what: 'program' | 'package' | 'browser' | 'service' | 'version' | 'sandbox';
  /** As the output calls it, at most 80 characters; of a service its port, where the output tells it; for a version the line that says so. */
  readonly name: string;
}

const LONGEST_LINE = 500;
/** What matters stands near the end, and a reader that found no summary has read the rest already. */
const SEARCHED_CHARS = 64 * 1024;

const PATTERNS: readonly (readonly [Missing['what'], RegExp])[] = [
  // shells, make, env
  ['program', /^\S*\b(?:ba|da|z|k)?sh: (?:line )?(?:\d+: )?([\w@.+-]+): (?:command )?not found$/],
  ['program', /^([\w@.+-]+): command not found$/],
  ['program', /^zsh:(?:\d+:)? command not found: ([\w@.+-]+)$/],
  ['program', /^make(?:\[\d+\])?: ([\w@.+-]+): No such file or directory$/],
  ['program', /^(?:\/usr\/bin\/)?env: [‘'`]?([\w@.+-]+)[’']?: No such file or directory$/],
  // runners of package managers
  ['program', /^(?:error Command "|usage error: |command not found: |bundler: command not found: )([\w@.+-]+)/i],
  ['program', /\bCommand "([\w@.+-]+)" not found/],
  ['program', /^error: Failed to spawn: `([\w@.+-]+)`/],
  ['package', /^npm (?:error|ERR!) npx canceled due to missing packages and no YES option: \["([\w@./+-]+)"/],
  ['package', /^npm (?:error|ERR!) .*request to https?:\/\/[\w.-]+\/((?:@|%40)?[\w.%+-]+) failed/],
  // Node
  ['package', /Cannot find (?:module|package) ['"](@?[a-z0-9][\w.+-]*(?:\/[\w.+-]+)*)['"]/i],
  // Python
  ['package', /\bNo module named '?([\w.]+)'?/],
  // Ruby, PHP
  ['package', /Could not find (?:gem ')?([a-z_]+(?:-[a-z_]+)*)[\w., '-]* in (?:any of the sources|locally installed gems)/],
  ['package', /cannot load such file -- ([\w-][\w/-]*)/],
  ['package', /Failed opening required '[^']*\b(vendor\/autoload\.php)'/],
  // Go, Rust
  [
    'package',
    /(?:no required module provides package|cannot find module providing package|missing go\.sum entry for module providing package) ([\w./-]+)/,
  ],
  ['package', /([\w./-]+)@[\w.+-]+: (?:module lookup disabled by GOPROXY=off|Get "https:\/\/proxy\.golang\.org)/],
  ['package', /^error: (?:no matching package named `([\w-]+)` found|failed to (?:get|download) `([\w-]+))/],
  // JVM, .NET, Elixir
  ['package', /artifact ([\w.:-]+) has not been downloaded from it before/],
  ['package', /The following artifacts could not be resolved: ([\w.:-]+)/],
  ['package', /No cached version of ([\w.:-]+) available for offline mode/],
  ['package', /(NETSDK1004|NU1101)\b/],
  ['package', /^(Unchecked dependencies) for environment/],
  // CMake
  ['package', /Could not find a package configuration file provided by "([\w-]+)"/],
  ['package', /Could NOT find ([\w-]+)/],
  // A download of FetchContent's; of why it failed its last lines say nothing.
  ['package', /^\s*Build step for ([\w.+-]+) failed: \d+$/],
  ['browser', /Executable doesn't exist at \S*?\b(chromium|chrome|firefox|webkit)/],
  ['browser', /Could not find (Chrome|Chromium|Firefox)\b/],
  // Node, libpq, Go
  ['service', /ECONNREFUSED (?:::1|127\.0\.0\.1|localhost):(\d+)/],
  ['service', /connection to server at "(?:localhost|127\.0\.0\.1|::1)".*, port (\d+) failed: Connection refused/],
  ['service', /connection to server on socket "[^"]*\.PGSQL\.(\d+)" failed/],
  ['service', /(?:dial tcp (?:\[::1\]|127\.0\.0\.1):)(\d+): connect: connection refused/],
  // clients of Python, Ruby, Java, .NET, Elixir; MySQL
  ['service', /\bconnecting to (?:localhost|127\.0\.0\.1|::1):(\d+)\b.*Connection refused/],
  ['service', /\(host='(?:localhost|127\.0\.0\.1|::1)', port=(\d+)\).*Connection refused/],
  ['service', /Connection refused - connect\(2\) for (?:"(?:localhost|127\.0\.0\.1|::1)" port |127\.0\.0\.1:)(\d+)/],
  ['service', /\bConnection to (?:localhost|127\.0\.0\.1):(\d+) refused/],
  ['service', /Connection refused: (?:localhost\/)?(?:localhost|127\.0\.0\.1):(\d+)/],
  ['service', /Connection refused \((?:localhost|127\.0\.0\.1):(\d+)\)/],
  ['service', /\b(?:localhost|127\.0\.0\.1):(\d+)\b.*[Cc]onnection refused/],
  ['service', /Can't connect to (?:MySQL )?server on '(?:localhost|127\.0\.0\.1)(?::(\d+))?'/],
  ['sandbox', /(No usable sandbox)!/],
  ['sandbox', /(Running as root without --no-sandbox is not supported)/],
  [
    'version',
    /^.*(?:The engine "\w+" is incompatible|requires go >= [\d.]+ \(running|rustc [\d.]+ is not supported|requires rustc [\d.]+|requires a different Python|Unsupported class file major version).*$/,
  ],
  ['version', /^.*\b(?:py|rb|nod|go|j)env: version [`'‘].*is not installed.*$/],
  ['version', /^error: toolchain '[^']+' is not installed.*$/],
  ['version', /^.*(?:A compatible \.NET SDK was not found|release version \d+ not supported|invalid (?:source|target) release: [\d.]+).*$/],
  [
    'version',
    /^.*(?:ERR_PNPM_UNSUPPORTED_ENGINE|Your Ruby version is [\d.]+, but your Gemfile specified|: invalid go version '[\d.]+').*$/,
  ],
  ['version', /^(?:No version is set for command|No preset version installed for command|N\/A: version "[^"]+" is not yet installed).*$/],
];

/** What does not tell of which service it speaks: known only where no other line tells more. */
const UNNAMED: typeof PATTERNS = [
  ['service', /^(?:E\s+)?(?:[\w.]+\.)?ConnectionRefusedError: \[Errno \d+\] (Connection refused)$/],
  ['service', /\bjava\.net\.ConnectException: (Connection refused)\b/],
  ['service', /\bSQLSTATE\[HY000\] \[2002\] (Connection refused)\b/],
  ['service', /\bSocketException \(\d+\): (Connection refused)\b/],
  ['service', /\b(Can't connect to local (?:MySQL )?server) through socket\b/],
  ['service', /\b(Cannot connect to the Docker daemon)\b/],
  ['service', /\b(Could not find a valid Docker environment|Could not find a working container runtime strategy)\b/],
];

/**
 * @param output of a check that failed before any test passed
 * @param tree the working tree that it ran in: a module of the project itself may be what the work is about
 */
export function findMissing(output: string, tree: string): Missing | null {
  const lines = output.slice(-SEARCHED_CHARS).split('\n');
  return findIn(lines, PATTERNS, tree) ?? findIn(lines, UNNAMED, tree);
}

function findIn(lines: readonly string[], patterns: typeof PATTERNS, tree: string): Missing | null {
  for (const line of lines) {
    const text = line.trim().slice(0, LONGEST_LINE);
    if (text === '') continue;
    for (const [what, pattern] of patterns) {
      const found = pattern.exec(text);
      if (!found) continue;
      const name = (found.slice(1).find(Boolean) ?? text).slice(0, 80);
      if (what !== 'package' || !isOwn(name, tree)) return { what, name };
    }
  }
  return null;
}

/** Python names its own modules like packages. */
function isOwn(name: string, tree: string): boolean {
  const first = name.split(/[./]/)[0]!;
  return ['', 'src', 'lib'].some((folder) => [first, `${first}.py`].some((entry) => existsSync(join(tree, folder, entry))));
}
