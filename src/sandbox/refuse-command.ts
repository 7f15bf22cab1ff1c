/**
 * Commands that are refused with an explanation before they run. A courtesy to the model, which then does not waste steps on what the
 * sandbox would stop with a puzzling error; never a wall, and never to be relied on.
 */
import { type SimpleCommand, simpleCommands } from './parse-shell.ts';
import { unwrap } from './unwrap-command.ts';

export interface CommandRefusal {
  /** Short name of the rule, for logs: `git push`, `rm -r`. */
  readonly rule: string;
  /** What is refused and what to do instead. */
  readonly message: string;
}

const DEEPEST = 5;

/** The first reason to refuse a shell command, or null. */
export function refuseCommand(command: string): CommandRefusal | null {
  if (/:\s*\(\s*\)\s*\{[^}]{0,200}:\s*\|\s*:/.test(command))
    return refusal('fork bomb', 'This starts processes without end. Leave it out.');
  return refuseScript(command, { depth: 0, inScratch: false, makesScratch: false });
}

/** What the commands before have done. */
interface Place {
  readonly depth: number;
  /** Whether the shell is in a temporary folder, where anything may be done. */
  inScratch: boolean;
  /** Whether the script has made such a folder, whose name is in a variable then. */
  makesScratch: boolean;
}

function refuseScript(script: string, place: Place): CommandRefusal | null {
  if (place.depth > DEEPEST) return null;
  const commands = simpleCommands(script);
  place.makesScratch ||= commands.some(([program]) => program === 'mktemp');
  for (const words of commands) {
    const refused = refuseWords(words, place);
    if (refused) return refused;
  }
  return null;
}

function refuseWords(words: SimpleCommand, place: Place): CommandRefusal | null {
  const [program, ...args] = unwrap(words);
  if (program === undefined) return null;
  const name = program.slice(program.lastIndexOf('/') + 1);
  const inner = nestedScript(name, args);
  if (inner !== null) return refuseScript(inner, { ...place, depth: place.depth + 1 });
  if (name === 'find') return refuseFind(args, place);
  if (name === 'cd') place.inScratch = leadsToScratch(args.find((arg) => !arg.startsWith('-')) ?? '~', place);
  if (worksInScratch(name, args, place)) return null;
  return RULES[name]?.(args) ?? refuseByName(name);
}

function leadsToScratch(folder: string, place: Place): boolean {
  return isScratch(folder, place) || (place.inScratch && !/^[/~$-]/.test(folder) && !folder.split('/').includes('..'));
}

/** Whether a path lies in a folder for temporary files, which are private to the commands. */
function isScratch(path: string, { makesScratch }: Place): boolean {
  if (path.split('/').includes('..')) return false;
  if (/^(\/tmp|\/var\/tmp|\$\{?TMPDIR\}?)\/./.test(path)) return true;
  return makesScratch && /^\$(?!\{?(?:HOME|PWD|OLDPWD)\b)/.test(path);
}

/** A removal there, and a repository of its own: programs are tested with one. */
function worksInScratch(name: string, args: SimpleCommand, place: Place): boolean {
  const operands = args.filter((arg) => !arg.startsWith('-'));
  if (name === 'rm') return operands.length > 0 && operands.every((path) => leadsToScratch(path, place) && !/[*?]/.test(path));
  if (name !== 'git') return false;
  if (args[0] === '-C') return leadsToScratch(args[1] ?? '', place);
  const makesOne = operands[0] === 'init' || operands[0] === 'clone';
  return place.inScratch || (makesOne && operands.length > 1 && isScratch(operands.at(-1)!, place));
}

const SHELLS = new Set(['sh', 'bash', 'dash', 'zsh', 'ksh', 'ash', 'fish']);

/** The script that `sh -c` or `eval` is given. */
function nestedScript(name: string, args: SimpleCommand): string | null {
  if (name === 'eval') return args.join(' ');
  if (!SHELLS.has(name)) return null;
  const at = args.findIndex((arg) => arg.includes('c') && /^-[a-z]+$/.test(arg));
  if (at < 0) return null;
  return args.slice(at + 1).find((arg) => !arg.startsWith('-')) ?? null;
}

/** Each word is looked at once at each depth: a `find` may run a `find`, with all that stands behind it. */
function refuseFind(args: SimpleCommand, place: Place): CommandRefusal | null {
  for (let at = 0; at < args.length; at++) {
    if (!/^-(exec|execdir|ok|okdir)$/.test(args[at]!)) continue;
    const end = endOfRun(args, at + 1);
    const run = end < 0 ? args.slice(at + 1) : args.slice(at + 1, end);
    const refused = place.depth < DEEPEST ? refuseWords(run, { ...place, depth: place.depth + 1 }) : null;
    if (refused) return refused;
    at = end < 0 ? args.length : end;
  }
  return null;
}

/** -1 = none. */
function endOfRun(args: SimpleCommand, from: number): number {
  for (let at = from; at < args.length; at++) if (args[at] === ';' || args[at] === '+') return at;
  return -1;
}

function refuseByName(name: string): CommandRefusal | null {
  if (name.startsWith('mkfs')) return refusal('mkfs', 'Nothing here needs a file system of its own. Leave it out.');
  const group = GROUPS.find(({ names }) => names.includes(name));
  return group ? refusal(name, group.message) : null;
}

const GROUPS: readonly { readonly names: readonly string[]; readonly message: string }[] = [
  {
    names: ['sudo', 'su', 'doas', 'pkexec'],
    message: 'There are no other rights to get here. Run the command without it; what needs root is not part of this task.',
  },
  {
    names: ['nc', 'ncat', 'netcat', 'telnet', 'ssh', 'scp', 'sftp', 'ftp', 'gh', 'glab'],
    message:
      'There is no network but package registries. Work with the files of the project; packages: run the package manager with network.',
  },
  {
    names: ['docker', 'podman', 'nerdctl', 'kubectl'],
    message: 'Containers and clusters are out of reach here. Run the program or its tests directly.',
  },
  {
    names: ['shutdown', 'reboot', 'halt', 'poweroff', 'systemctl', 'killall5'],
    message: 'The machine is not yours to stop or set up. Start what you need as a process of this command.',
  },
];

type Rule = (args: SimpleCommand) => CommandRefusal | null;

const RULES: Readonly<Record<string, Rule>> = {
  rm: refuseRemoval,
  git: refuseGit,
  curl: refuseDownload('curl'),
  wget: refuseDownload('wget'),
  dd: (args) =>
    args.some((arg) => /^of=\/dev\/(?!null$|stdout$|stderr$)/.test(arg))
      ? refusal('dd', 'Devices are out of reach. Write to a file instead.')
      : null,
  chmod: refuseTreeChange('chmod'),
  chown: refuseTreeChange('chown'),
  kill: (args) =>
    args.slice(1).includes('-1') || (args.length === 1 && args[0] === '-1')
      ? refusal('kill -1', 'Name the process that you started: `kill <pid>`.')
      : null,
  npm: refusePublish('npm'),
  pnpm: refusePublish('pnpm'),
  yarn: refusePublish('yarn'),
  bun: refusePublish('bun'),
  cargo: refusePublish('cargo'),
  poetry: refusePublish('poetry'),
  uv: refusePublish('uv'),
  twine: () => refusal('twine', 'Publishing is for the user. Leave it out.'),
};

/** Letters and long names of the options, up to `--`. */
function optionsOf(args: SimpleCommand): { short: string; long: readonly string[]; operands: readonly string[] } {
  const end = args.indexOf('--');
  const before = end < 0 ? args : args.slice(0, end);
  return {
    short: before
      .filter((arg) => /^-[^-]/.test(arg))
      .map((arg) => arg.slice(1))
      .join(''),
    long: before.filter((arg) => arg.startsWith('--')),
    operands: [...before.filter((arg) => !arg.startsWith('-') || arg === '-'), ...(end < 0 ? [] : args.slice(end + 1))],
  };
}

/** Long options may be shortened as long as they are clear: `--recurs`. */
function hasLong(long: readonly string[], name: string, shortest: number): boolean {
  return long.some((option) => option.length >= shortest + 2 && `--${name}`.startsWith(option));
}

/** What lies in the project may go, however it is said: it is a copy, and the reviewer sees what is missing. */
function refuseRemoval(args: SimpleCommand): CommandRefusal | null {
  const { short, long, operands } = optionsOf(args);
  const recursive = /[rR]/.test(short) || hasLong(long, 'recursive', 1);
  const vital = operands.find(isVital);
  if (!recursive || vital === undefined) return null;
  return refusal('rm -r', `\`${vital}\` must stay. Name the files or folders of the project that are to go: \`rm -r <folder>\`.`);
}

/** Folders that nobody means to remove: root, home, here, above, everything, the repository; and whatever lies outside. */
function isVital(path: string): boolean {
  const plain = path.length > 1 ? path.replace(/(?<!\/)\/+$/, '') : path;
  if (plain.startsWith('/tmp/')) return plain.split('/').includes('..');
  return (
    plain === '' ||
    /^(~|\$\{?HOME|\/)/.test(plain) ||
    ['.', '..', '*', './*', '.*', '.git', './.git'].includes(plain) ||
    plain.split('/').includes('..')
  );
}

function refuseDownload(name: string): Rule {
  const local = /^(https?:\/\/)?(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])([:/?]|$)/;
  return (args) => {
    const targets = args.filter((arg) => /^https?:\/\//.test(arg) || local.test(arg));
    if (targets.length > 0 && targets.every((target) => local.test(target))) return null;
    if (args.length === 1 && /^(--version|-V|--help|-h)$/.test(args[0]!)) return null;
    return refusal(
      name,
      'There is no network but package registries. Use the package manager with network for packages, and the files that are here for the rest.',
    );
  };
}

function refuseTreeChange(name: string): Rule {
  return (args) => {
    const { short, long, operands } = optionsOf(args);
    const recursive = short.includes('R') || hasLong(long, 'recursive', 1);
    if (!recursive || !operands.some((path) => /^(\/|~|\$\{?HOME)/.test(path) && !path.startsWith('/tmp/'))) return null;
    return refusal(`${name} -R`, `Change the one file that needs it: \`${name} <what> <file>\`, inside the project.`);
  };
}

function refusePublish(name: string): Rule {
  return (args) => {
    const words = args.filter((arg) => !arg.startsWith('-'));
    const verb = words.find((word) =>
      ['publish', 'unpublish', 'run', 'run-script', 'exec', 'test', 'x', 'dlx', 'add', 'install', 'i', 'workspace'].includes(word),
    );
    const published = verb === 'publish' || verb === 'unpublish' || (words[0] === 'npm' && words[1] === 'publish');
    return published ? refusal(`${name} publish`, 'Publishing is for the user. Leave it out.') : null;
  };
}

const COMMITTED = 'Your changes in the working tree are committed for you at the end; plain `rm`, `mv` and edits are enough.';
const GIT_MESSAGES: Readonly<Record<string, string>> = {
  push: 'The branch is handed over for you at the end; nothing is pushed from here.',
  fetch: 'There is no remote here. Work with the history that is there (`git log`, `git show`).',
  pull: 'There is no remote here. Work with the history that is there (`git log`, `git show`).',
  clone: 'There is no remote here. Work with the files that are there.',
  reset: 'To get a file back: `git show HEAD:path/to/file > path/to/file`.',
  checkout: 'To get a file back: `git show HEAD:path/to/file > path/to/file`. There is one branch, and you are on it.',
  restore: 'To get a file back: `git show HEAD:path/to/file > path/to/file`.',
  clean: 'Remove the files that you made by name, with `rm`; `git status` lists them.',
  stash: 'To set a change aside: `git diff > /tmp/change.patch`, and `git apply /tmp/change.patch` to get it back.',
  config: 'Settings of git are fixed here. Give what you need to the one command: `git -c name=value log`.',
};

/** Subcommands that write the repository whatever their arguments are. */
const GIT_WRITES = new Set(
  `push fetch pull clone init commit merge rebase cherry-pick revert am reset checkout switch restore add rm mv gc prune repack
  pack-refs update-ref update-index read-tree write-tree commit-tree replace filter-branch filter-repo fast-import
  bisect sparse-checkout maintenance lfs svn p4 send-email mergetool`.split(/\s+/),
);

const GIT_OPTIONS_WITH_VALUE = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--super-prefix',
  '--config-env',
  '--exec-path',
]);

function refuseGit(args: SimpleCommand): CommandRefusal | null {
  let at = 0;
  while (args[at]?.startsWith('-')) at += GIT_OPTIONS_WITH_VALUE.has(args[at]!) ? 2 : 1;
  const verb = args[at];
  if (verb === undefined || !writesRepository(verb, args.slice(at + 1))) return null;
  return refusal(`git ${verb}`, GIT_MESSAGES[verb] ?? COMMITTED);
}

function writesRepository(verb: string, args: SimpleCommand): boolean {
  if (GIT_WRITES.has(verb)) return true;
  const { short, long, operands } = optionsOf(args);
  const [first] = operands;
  switch (verb) {
    case 'clean':
      return !short.includes('n') && !hasLong(long, 'dry-run', 2);
    case 'stash':
      return first !== 'list' && first !== 'show';
    case 'branch':
      return (
        /[dDmMcCfu]/.test(short) ||
        long.some((option) => /^--(delete|move|copy|force|set-upstream|unset|edit)/.test(option)) ||
        isCreation(short, long, operands)
      );
    case 'tag':
      return /[dasmFfu]/.test(short) || hasLong(long, 'delete', 1) || isCreation(short, long, operands);
    case 'remote':
      return first !== undefined && !['show', 'get-url'].includes(first);
    case 'config':
      return (
        !long.some((option) => /^--(get|list)/.test(option)) &&
        !/l/.test(short) &&
        !['get', 'list'].includes(first ?? '') &&
        operands.length !== 1
      );
    case 'worktree':
    case 'notes':
      return first !== undefined && first !== 'list' && first !== 'show';
    case 'submodule':
      return first !== undefined && !['status', 'summary'].includes(first);
    case 'reflog':
      return first === 'expire' || first === 'delete';
    case 'symbolic-ref':
      return operands.length > 1 || short.includes('d');
    case 'apply':
      return long.includes('--index') || long.includes('--cached');
    case 'hash-object':
      return short.includes('w');
    default:
      return false;
  }
}

/** `git branch name` makes one; with an option that lists or filters, names are patterns. */
function isCreation(short: string, long: readonly string[], operands: readonly string[]): boolean {
  const lists =
    /[lavrn]/.test(short) ||
    long.some((option) => /^--(list|all|remotes|contains|no-contains|merged|no-merged|points-at|show-current|sort|format)/.test(option));
  return operands.length > 0 && !lists;
}

function refusal(rule: string, message: string): CommandRefusal {
  return { rule, message: `Refused: ${rule}. ${message} Nothing of the command has run.` };
}
