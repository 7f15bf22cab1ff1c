/**
 * Reads from what a check printed that something it needs is not there: its failure then says nothing of the work. The output is hostile,
 * and what is taken from it is shown, so only names of plain characters are.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Missing {
  /**
   * program: a command that could not be started. package: something that the project depends on. browser: one that a test tool downloads.
   * service: nothing answers at an address of this machine. version: a tool that is too old or too new.
   */
  readonly what: 'program' | 'package' | 'browser' | 'service' | 'version';
  /** As the output calls it, at most 80 characters; for a version the line that says so. */
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
  ['browser', /Executable doesn't exist at \S*?\b(chromium|chrome|firefox|webkit)/],
  ['browser', /Could not find (Chrome|Chromium|Firefox)\b/],
  ['service', /ECONNREFUSED (?:::1|127\.0\.0\.1|localhost):(\d+)/],
  ['service', /connection to server at "(?:localhost|127\.0\.0\.1|::1)".*, port (\d+) failed: Connection refused/],
  ['service', /(?:dial tcp (?:\[::1\]|127\.0\.0\.1):)(\d+): connect: connection refused/],
  [
    'version',
    /^.*(?:The engine "\w+" is incompatible|requires go >= [\d.]+ \(running|rustc [\d.]+ is not supported|requires rustc [\d.]+|requires a different Python|Unsupported class file major version).*$/,
  ],
];

/**
 * @param output of a check that failed before any test passed
 * @param tree the working tree that it ran in: a module of the project itself may be what the work is about
 */
export function findMissing(output: string, tree: string): Missing | null {
  for (const line of output.slice(-SEARCHED_CHARS).split('\n')) {
    const text = line.trim();
    if (text === '' || text.length > LONGEST_LINE) continue;
    for (const [what, pattern] of PATTERNS) {
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
