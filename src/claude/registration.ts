import { execFile } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { errorText } from '../common/caught-error.ts';
import { firstLine } from '../common/first-line.ts';
import { type Message, message } from '../messages/message.ts';
import { type ClaudeFiles, readText } from './claude-files.ts';

/** The name under which Claude Code knows the server; its tools are called `mcp__kimi-agent__...`. */
export const SERVER_NAME = 'kimi-agent';

/** What Claude Code is told to start. Never a secret: other programs put it into command lines. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** An entry of the same name that wins over the user's in one project. */
export interface Shadow {
  readonly scope: 'local' | 'project';
  readonly folder: string;
  readonly file: string;
  /** What removes it, to be run in `folder`. */
  readonly remedy: string;
}

export interface Registered {
  /** The user's entry, or null. */
  readonly user: ServerCommand | null;
  readonly shadows: readonly Shadow[];
  /** A file that could not be read, and so could not be looked through. */
  readonly problems: readonly Message[];
}

const entry = z.object({ command: z.string(), args: z.array(z.string()).catch([]), env: z.record(z.string(), z.string()).catch({}) });
const servers = z.record(z.string(), z.unknown()).optional().catch(undefined);
const stateSchema = z.object({
  mcpServers: servers,
  projects: z
    .record(z.string(), z.object({ mcpServers: servers }).catch({}))
    .optional()
    .catch(undefined),
});

/**
 * What Claude Code has registered under our name: reads its files, writes nothing.
 * @param folders the folders that are open, whose `.mcp.json` counts; entries of single projects are found wherever they are
 */
export function readRegistered(files: ClaudeFiles, folders: readonly string[]): Registered {
  const problems: Message[] = [];
  const read = (file: string): z.infer<typeof stateSchema> => {
    try {
      return stateSchema.parse(JSON.parse(readText(file) ?? '{}'));
    } catch (error) {
      problems.push(message('claude.unreadable', { file, said: firstLine(errorText(error)) }));
      return { mcpServers: undefined, projects: undefined };
    }
  };
  const state = read(files.state);
  const user = entry.safeParse(state.mcpServers?.[SERVER_NAME]);
  const local = Object.entries(state.projects ?? {})
    .filter(([, project]) => project.mcpServers?.[SERVER_NAME] !== undefined)
    .map(([folder]): Shadow => ({ scope: 'local', folder, file: files.state, remedy: `claude mcp remove ${SERVER_NAME} -s local` }));
  const project = folders
    .map((folder) => ({ folder, file: path.join(folder, '.mcp.json') }))
    .filter(({ file }) => read(file).mcpServers?.[SERVER_NAME] !== undefined)
    .map((found): Shadow => ({ scope: 'project', ...found, remedy: `claude mcp remove ${SERVER_NAME} -s project` }));
  return { user: user.success ? user.data : null, shadows: [...local, ...project], problems };
}

export function sameCommand(a: ServerCommand | null, b: ServerCommand): boolean {
  return a !== null && a.command === b.command && JSON.stringify([a.args, a.env]) === JSON.stringify([b.args, b.env]);
}

/** The commands that connect, in order; none when Claude Code knows this very command already. They are shown before they are run. */
export function connectCommands(registered: ServerCommand | null, wanted: ServerCommand): string[][] {
  if (sameCommand(registered, wanted)) return [];
  const { command, args, env } = wanted;
  const json = JSON.stringify({ type: 'stdio', command, args, ...(Object.keys(env).length > 0 && { env }) });
  return [...(registered ? disconnectCommands() : []), ['mcp', 'add-json', SERVER_NAME, json, '-s', 'user']];
}

export function disconnectCommands(): string[][] {
  return [['mcp', 'remove', SERVER_NAME, '-s', 'user']];
}

/** As it could be typed into a terminal. */
export function shownCommand(words: readonly string[]): string {
  return ['claude', ...words].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}

export interface ClaudeRun {
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Not a project: what is done concerns the user. */
  readonly cwd: string;
}

export type RunOutcome = { readonly ok: true; readonly output: string } | { readonly ok: false; readonly reason: Message };

const RUN_MS = 30_000;

/** Runs one command of Claude Code's own. */
export function runClaude({ program, env, cwd }: ClaudeRun, words: readonly string[]): Promise<RunOutcome> {
  const { ELECTRON_RUN_AS_NODE: _, ...clean } = env;
  return new Promise((resolve) => {
    const options = { timeout: RUN_MS, cwd, env: clean as NodeJS.ProcessEnv, windowsHide: true };
    const child = execFile(program, [...words], options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      if (!error) resolve({ ok: true, output });
      else
        resolve({
          ok: false,
          reason: message('claude.commandFailed', {
            command: shownCommand(words.slice(0, 3)),
            said: output.split('\n').slice(0, 3).join(' ') || error.message,
          }),
        });
    });
    child.stdin?.end();
  });
}

/** `2.1.330`, or null when the program does not answer like Claude Code. */
export async function claudeVersion(run: ClaudeRun): Promise<string | null> {
  const answer = await runClaude(run, ['--version']);
  return answer.ok ? (/^(\d+\.\d+\.\d+\S*) \(Claude Code\)/m.exec(answer.output)?.[1] ?? null) : null;
}

/** Registers the server at user scope, replacing an older entry. Twice the same changes nothing. */
export async function connect(run: ClaudeRun, files: ClaudeFiles, wanted: ServerCommand): Promise<RunOutcome> {
  for (const words of connectCommands(readRegistered(files, []).user, wanted)) {
    const done = await runClaude(run, words);
    // Another window may have done the same in the same moment.
    if (!done.ok && !sameCommand(readRegistered(files, []).user, wanted)) return done;
  }
  if (sameCommand(readRegistered(files, []).user, wanted)) return { ok: true, output: '' };
  return {
    ok: false,
    reason: message('claude.notRegistered', { file: files.state, server: SERVER_NAME }),
  };
}

/** Removes the registration at user scope; without one it does nothing. */
export async function disconnect(run: ClaudeRun, files: ClaudeFiles): Promise<RunOutcome> {
  if (!readRegistered(files, []).user) return { ok: true, output: '' };
  for (const words of disconnectCommands()) {
    const done = await runClaude(run, words);
    if (!done.ok) return done;
  }
  return { ok: true, output: '' };
}
