import { stat } from 'node:fs/promises';
import { constants } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { cutText } from '../../common/cut-text.ts';
import { contains } from '../../common/path-contains.ts';
import type { CommandResult } from '../../sandbox/types.ts';
import type { ToolContext, ToolResult } from '../types.ts';
import { defineTool, failure } from './define-tool.ts';
import { resolvePath } from './files/resolve-path.ts';
import { filledText, optionalText, wholeNumber, yesOrNo } from './lenient-arguments.ts';
import { type PipedResult, tellingPipe, withPipe } from './pipe-status.ts';

const MOST_SECONDS = 600;

const schema = z.object({ command: filledText, cwd: optionalText, timeout_seconds: wholeNumber, network: yesOrNo });
type Args = z.infer<typeof schema>;

export const runCommand = defineTool<Args>({
  name: 'run_command',
  description:
    'Run a bash command. It writes only to the repository and /tmp; network opens package registries; its processes end with it. Long output comes shortened, with a file of the whole: no need for head or tail.',
  parameters: {
    type: 'object',
    properties: {
      command: { type: 'string' },
      timeout_seconds: { type: 'integer' },
      network: { type: 'boolean' },
    },
    required: ['command'],
  },
  effect: 'command',
  schema,
  aliases: {
    command: ['cmd', 'script', 'shellcommand', 'bash'],
    cwd: ['workdir', 'workingdirectory', 'directory', 'dir'],
    timeout_seconds: ['timeout', 'timeoutsec', 'timeoutsecs'],
    network: ['allownetwork', 'networkaccess'],
  },
  example: '{"command": "npm test", "timeout_seconds": 300}',
  title: (args) => args.command,
  run: runShell,
});

async function runShell(args: Args, context: ToolContext): Promise<ToolResult> {
  if (args.command.includes('\0')) return failure('The command contains a NUL character; give it without.', 'refused');
  const [{ refuseCommand }, { splitInstalls }, { shortOutput }, { isOfLook, leavesToFinish }, { lastSubshell }] = await Promise.all([
    import('../../sandbox/refuse-command.ts'),
    import('../../sandbox/find-installs.ts'),
    import('./short-output.ts'),
    import('./exit-of-look.ts'),
    import('../../sandbox/parse-shell.ts'),
  ]); // with a parser that most starts of the server do not need
  const refusal = refuseCommand(args.command);
  if (refusal !== null) {
    return { ...failure(refusal.message, `refused: ${refusal.rule}`), ...(leavesToFinish(args.command) && { looked: true as const }) };
  }
  const folder = resolvePath(context.workspace, args.cwd ?? '');
  if (!folder.ok) return failure(folder.message, 'refused');
  if (folder.area === 'temp')
    return failure(`cwd must be a folder of the repository; for ${folder.shown} put \`cd\` in the command.`, 'refused');
  if (!folder.exists) return failure(`cwd ${folder.shown} does not exist; list_files shows the folders.`, 'no such folder');
  if (!(await stat(folder.host)).isDirectory()) return failure(`cwd ${folder.shown} is a file, not a folder.`, 'not a folder');

  const timeoutMs = timeLimit(args.timeout_seconds, context.commandTimeoutMs);
  const options = {
    cwd: folder.relative,
    timeoutMs,
    network: args.network ?? splitInstalls(args.command).install !== null,
    signal: context.signal,
  };
  const result = withPipe(await context.workspace.runCommand(tellingPipe(args.command, lastSubshell(args.command)), options));
  const hints = [
    advice(result, options.network) ?? (await silentStash(args.command, folder.relative, result, context)),
    ...refusals(result),
  ];
  const heading = [headline(result, timeoutMs), ...hints].filter(Boolean).join('\n');
  const ok = result.exitCode === 0 && result.killed === null;
  const run = await context.workspace.readRun(args.command, result);
  const use = result.use.network !== null || result.use.disk !== null ? { use: result.use } : {};
  // Before it is cut: what is known of a secret is known of all of it.
  const { mask } = context.workspace.neverSend;
  const shown = { ...result, head: mask(result.head), tail: mask(result.tail) };
  const text = shortOutput(args.command, shown, shownOutputFile(result, context));
  return {
    ok,
    ran: true,
    text: text === '' ? `${heading}, no output` : `${heading}\n${text}`,
    summary: summary(result),
    ...use,
    ...(run && { run }),
    ...(isOfLook(args.command, result, context.workspace.shownRoot) && { looked: true as const }),
  };
}

/** @param seconds as the model asks; a value beyond the limit means "as long as possible" */
function timeLimit(seconds: number | undefined, defaultMs: number): number {
  const ms = seconds === undefined || seconds <= 0 ? defaultMs : seconds * 1000;
  return Math.min(ms, MOST_SECONDS * 1000);
}

function headline(result: PipedResult, timeoutMs: number): string {
  const after = `after ${seconds(result.durationMs)}${result.running ? `, while ${cutText(result.running, 200)} ran` : ''}`;
  switch (result.killed) {
    case null:
      return `${exitWords(result)}${result.pipe === null ? '' : ` (pipe: ${result.pipe.join(' | ')})`}${duration(result)}`;
    case 'timeout':
      return timeoutMs >= MOST_SECONDS * 1000
        ? `killed ${after}: time limit, and it is the highest. Run less at once (one test file, fewer cases); commands that wait for input or serve for ever never end.`
        : `killed ${after}: time limit. Raise timeout_seconds (at most ${MOST_SECONDS}) or run less at once; commands that wait for input or serve for ever never end.`;
    case 'memory':
      return `killed ${after}: too much memory. Run less at once or with fewer workers.`;
    case 'processes':
      return `killed ${after}: too many processes. Run it with fewer workers (such as -j2).`;
    case 'disk':
      return `killed ${after}: too much disk space, or the disk is nearly full. Remove what is not needed (du -xh . /tmp | sort -h | tail), then write less.`;
    case 'cancelled':
      return `killed ${after}: the attempt is being stopped.`;
  }
}

/** What git says that a script or tool has called; what the model types is refused beforehand. */
const GIT_IS_CLOSED = new RegExp(
  [
    String.raw`(?:\.lock'|temporary file|lock config file .*|cannot open '.*'|cannot copy '.*'): (?:Read-only file system|Operation not permitted)`,
    "cannot lock ref '.*': unable to create directory",
    String.raw`temporary file '.*tmp_pack_\w+': No such file`,
    'unable to create temporary object directory',
    '(?:cannot rebase|cannot pull with rebase|Cannot rewrite branches): You have unstaged changes',
  ].join('|'),
);
/** How git's questions about parts of a change end, with exit code 0. */
const PART_NOT_TAKEN = /^error: 'git apply' failed$/m;

const INSTEAD =
  "git's own files are read-only here, also for scripts: what is in the working tree is committed for you at the end, so leave staging, commits and tags out. To set a change aside: git diff > /tmp/change.patch, and git apply to get it back";

function advice(result: CommandResult, network: boolean): string | null {
  const output = result.head + result.tail;
  if (result.exitCode === 127) return '[a program was not found: look what is installed, or use what the repository brings]';
  if (GIT_IS_CLOSED.test(output) && (result.exitCode !== 0 || PART_NOT_TAKEN.test(output))) return `[${INSTEAD}]`;
  const offline = /ENOTFOUND|EAI_AGAIN|ENETUNREACH|getaddrinfo|could not resolve|name resolution|network is unreachable/i;
  if (result.exitCode === 0 || !offline.test(output)) return null;
  return network ? '[the network reaches package registries only]' : '[the network is off; network: true reaches package registries only]';
}

/** A look into what the command called, once nothing runs any more. */
async function silentStash(command: string, folder: string, result: CommandResult, { workspace }: ToolContext): Promise<string | null> {
  if (result.exitCode === 0 || result.killed !== null) return null;
  await workspace.ready;
  const { reachesStash } = await import('./scripted-stash.ts');
  return reachesStash(command, folder, workspace) ? `[git stash, which a script calls, fails here without a word; ${INSTEAD}]` : null;
}

/** What the proxy refused: many programs show nothing of its answer, and none what happens within a connection. */
function refusals({ exitCode, use }: CommandResult): string[] {
  return exitCode === 0 ? [] : (use.network?.refused ?? []).map((why) => `[network: ${cutText(why, 300)}]`);
}

function shownOutputFile(result: CommandResult, context: ToolContext): string | null {
  const { host, shown } = context.workspace.temp;
  if (result.outputFile === null || !contains(host, result.outputFile)) return null;
  return path.posix.join(shown, path.relative(host, result.outputFile).split(path.sep).join('/'));
}

function summary(result: CommandResult): string {
  const how = result.killed === null ? exitWords(result) : `killed (${result.killed})`;
  return `${how} in ${seconds(result.durationMs)}`;
}

/** The shell tells a signal as 128 and its number. */
function exitWords({ exitCode }: CommandResult): string {
  const signal = Object.entries(constants.signals).find(([, number]) => number + 128 === exitCode)?.[0];
  return `exit ${exitCode ?? 'by a signal'}${signal === undefined ? '' : ` (${signal})`}`;
}

function duration({ durationMs }: CommandResult): string {
  return durationMs < 1000 ? '' : ` in ${seconds(durationMs)}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`;
}
