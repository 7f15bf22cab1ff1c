/**
 * Reads from what a check printed that something it needs is not there: its failure then says nothing of the work. The output is hostile,
 * and what is taken from it is shown, so only names of plain characters are.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inTimeOr } from '../common/in-time.ts';

export interface Missing {
  /**
   * program: a command that could not be started. package: something that the project depends on. library: what the system's packages bring to
   * compilers and the loader. browser: one that a test tool downloads.
   * service: nothing answers at an address of this machine. version: a tool that is too old or too new, or not there in the one that is named.
   * sandbox: a browser would make one of its own, within ours.
   */
  readonly what: 'program' | 'package' | 'library' | 'browser' | 'service' | 'version' | 'sandbox';
  /** As the output calls it, at most 80 characters; of a service its port, where the output tells it; for a version the line that says so, at most 160. */
  readonly name: string;
}

const LONGEST_LINE = 500;
const MOST_MS = 5000;
const LONGEST_NAME = 80;
/** What is asked for stands at the end of such a line. */
const LONGEST_SAID = 160;
/** What matters stands near the end, and a reader that found no summary has read the rest already. */
const SEARCHED_CHARS = 64 * 1024;

/** Of a package that is not installed, the project itself not excepted. */
const METADATA = /\b(?:PackageNotFoundError: No package metadata was found for|DistributionNotFound: The) '?([\w.-]+)/;

/** What a line says: that something is missing, by the name of the group that takes part, or by this one. */
type Pattern = readonly [Missing['what'], RegExp, string?];

const PATTERNS: readonly Pattern[] = [
  // shells, make, env
  ['program', /^\S*\b(?:ba|da|z|k)?sh: (?:line )?(?:\d+: )?([\w@.+-]+): (?:command )?not found$/],
  ['program', /^([\w@.+-]+): command not found$/],
  ['program', /^zsh:(?:\d+:)? command not found: ([\w@.+-]+)$/],
  ['program', /^g?make(?:\[\d+\])?: ([\w@.+-]+): (?:No such file or directory|Command not found)$/],
  ['program', /^(?:\/usr\/bin\/)?env: [‘'`]?([\w@.+-]+)[’']?: No such file or directory$/],
  // programs that call others
  ['program', /\bexec: "([\w@.+-]+)": executable file not found in \$PATH/],
  ['program', /^Can't exec "([\w@.+-]+)": No such file or directory at /],
  ['program', /^error: linker `([\w@.+-]+)` not found$/],
  ['program', /no '(java)' command could be found in your PATH/],
  ['program', /^No (CMAKE_\w+_COMPILER) could be found\.$/],
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
  ['package', METADATA],
  // pytest names what a plugin brings, not the plugin
  ['package', /: error: unrecognized arguments:.* --cov\b/, 'pytest-cov'],
  ['package', /\b(?:pytest|__main__\.py): error: unrecognized arguments:.* (?:-n\b|--numprocesses|--dist\b)/, 'pytest-xdist'],
  ['package', /\b(?:pytest|__main__\.py): error: unrecognized arguments:.* --timeout\b/, 'pytest-timeout'],
  ['package', /\b(?:pytest|__main__\.py): error: unrecognized arguments:.* --asyncio-mode\b/, 'pytest-asyncio'],
  ['package', /\b(?:pytest|__main__\.py): error: unrecognized arguments:.* --(?:ds|reuse-db|create-db|nomigrations)\b/, 'pytest-django'],
  ['package', /^(?:E\s+)?async def functions are not natively supported\.$/, 'pytest-asyncio'],
  ['package', /^E\s+fixture 'mocker' not found$/, 'pytest-mock'],
  ['package', /^E\s+fixture 'benchmark' not found$/, 'pytest-benchmark'],
  ['package', /^ERROR: Missing required plugins: ([\w.-]+)/],
  // Perl, Lua
  ['package', /^Can't locate [\w/]+\.pm in @INC \(you may need to install the ([\w:]+) module\)/],
  ['package', /\bmodule '([\w.-]+)' not found:$/],
  // C: headers as gcc and clang show them, libraries, pkg-config, the loader
  ['library', /^\d+ \|\s+#\s*include\s*<([\w.+/-]+)>/],
  ['library', /\b(?:ld|collect2)\S*: (?:cannot|unable to) find (?:library )?(-l[\w.+-]+)/],
  ['library', /^(?:-- +)?Package '?([\w.+-]+)'?,? (?:required by '[^']*', not found$|was not found in the pkg-config search path)/],
  ['library', /^No package '([\w.+-]+)' found$/],
  ['library', /(?:^|: )(lib[\w.+-]+\.so[\w.]*): cannot open shared object file: No such file/],
  // Ruby, PHP
  ['package', /\bCould not find '([\w.-]+)' \([^)]*\) among \d+ total gem/],
  ['package', /\bcan't find gem ([\w.-]+) /],
  ['package', /\bClass "(PHPUnit\\Framework\\TestCase)" not found/],
  ['package', /\bthe "(\w+)" extension is not available/],
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
  ['package', /\bCould not (?:find|transfer|resolve) (?:artifact )?([\w.-]+:[\w.-]+:[\w.:-]*\w)/],
  ['package', /^Plugin \[id: '([\w.-]+)'.*was not found in any of/],
  ['package', /^(Unchecked dependencies) for environment/],
  ['package', /^Could not find (Hex), which is needed/],
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
  // pytest, CMake, Go, Rust, Node, Java, PHP: too old for what the project asks for
  ['version', /^.*(?:'minversion' requires pytest-|CMake [\d.]+ or higher is required\.|: package [\w/]+ is not in (?:GOROOT|std)\b).*$/],
  [
    'version',
    /^.*(?:this version of Cargo is older than the `\d+` edition|feature `edition\d+` is required|lock file version `?\d+`? (?:requires `-Z|was found, but this version of Cargo)).*$/,
  ],
  ['version', /^error: rustup could not choose a version of \w+ to run.*$/],
  ['version', /^.*the `[\w.-]+` target may not be installed.*$/],
  [
    'version',
    /^(?:npm (?:error|ERR!) (?:notsup|engine) Required: |NODE_MODULE_VERSION \d+\. This version of Node\.js requires\b).*$|^.*\brequires Node\.js (?:version )?v?\d.*$/,
  ],
  ['version', /^(?:Error: )?Error when performing the request to https?:\/\/\S+; for troubleshooting help, see \S*corepack.*$/],
  [
    'version',
    /^.*(?:UnsupportedClassVersionError: |JAVA_HOME environment variable is not defined correctly|Cannot find a Java installation on your machine|is not in the allowed range ).*$/,
  ],
  ['version', /^.*(?:Composer dependencies require a PHP version |your php version \([\d.]+\) does not satisfy).*$/],
  ['version', /^(?:No version is set for command|No preset version installed for command|N\/A: version "[^"]+" is not yet installed).*$/],
];

/** What a script may print and go on: known only among the last lines. */
const LAST: readonly Pattern[] = [['program', /^[\w./@+-]+: (?:line )?\d+: ([\w@.+-]+): (?:command )?not found$/]];
const LAST_LINES = 5;

/** What does not tell of which service it speaks: known only where no other line tells more. */
const UNNAMED: readonly Pattern[] = [
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
  return inTimeOr(MOST_MS, null, () => missingIn(output, tree));
}

function missingIn(output: string, tree: string): Missing | null {
  const lines = output.slice(-SEARCHED_CHARS).split('\n');
  const last = lines.filter((line) => line.trim() !== '').slice(-LAST_LINES);
  return findIn(lines, PATTERNS, tree) ?? findIn(last, LAST, tree) ?? findIn(lines, UNNAMED, tree);
}

function findIn(lines: readonly string[], patterns: readonly Pattern[], tree: string): Missing | null {
  for (const line of lines) {
    const text = line.trim().slice(0, LONGEST_LINE);
    if (text === '') continue;
    for (const [what, pattern, known] of patterns) {
      const found = pattern.exec(text);
      if (!found) continue;
      const name = (known ?? found.slice(1).find(Boolean) ?? text).slice(0, what === 'version' ? LONGEST_SAID : LONGEST_NAME);
      const isAsked = (what === 'package' || what === 'library') && pattern !== METADATA;
      if (!isAsked || !isOwn(name, tree)) return { what, name };
    }
  }
  return null;
}

/** Python, Perl, Lua and C name what is of the project like what is not. */
function isOwn(name: string, tree: string): boolean {
  const first = name.split(/[./:]/)[0]!;
  const entries = [first, ...['.py', '.pm', '.lua', '.h', '.hpp'].map((end) => first + end)];
  return ['', 'src', 'lib', 'include', 'lua'].some((folder) => entries.some((entry) => existsSync(join(tree, folder, entry))));
}
