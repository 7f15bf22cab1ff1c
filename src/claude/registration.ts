import { execFile } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { errorText } from '../common/caught-error.ts';
import { firstLine } from '../common/first-line.ts';
import { MOST_RULE_BYTES } from '../common/read-plain-file.ts';
import { shellWord } from '../common/shell-word.ts';
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

/** Who gets an entry: the user in every project, everybody who works in one project (`.mcp.json`), or the user in that project alone. */
export const SCOPES = ['user', 'project', 'local'] as const;
export type Scope = (typeof SCOPES)[number];

/** Where an entry stands. The folder is that of the project. */
export type EntryPlace = { readonly scope: 'user' } | { readonly scope: 'project' | 'local'; readonly folder: string };
const FOR_USER: EntryPlace = { scope: 'user' };

/** An entry of the same name that wins over the user's in one project. */
export interface Shadow {
  readonly scope: 'local' | 'project';
  /** null: something that we cannot read, such as the address of a server elsewhere. */
  readonly command: ServerCommand | null;
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

/** The kernel starts no program with a longer one; to look through its lists would take Check Setup a minute. */
const LONGEST_WORD = 128 * 1024;
const word = z.string().max(LONGEST_WORD);
const entry = z.object({ command: word, args: z.array(z.string()).catch([]), env: z.record(z.string(), z.string()).catch({}) });
const hasLongWord = ({ args, env }: z.infer<typeof entry>) => [...args, ...Object.values(env)].some((one) => one.length > LONGEST_WORD);
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
  const read = (file: string, most?: number): z.infer<typeof stateSchema> => {
    try {
      // Claude Code minds no byte order mark.
      return stateSchema.parse(JSON.parse((readText(file, most) ?? '{}').replace(/^\ufeff/, '')));
    } catch (error) {
      problems.push(message('claude.unreadable', { file, said: firstLine(errorText(error)) }));
      return { mcpServers: undefined, projects: undefined };
    }
  };
  const state = read(files.state);
  const shadow = (scope: Shadow['scope'], folder: string, file: string, given: unknown): Shadow[] =>
    given === undefined ? [] : [{ scope, command: commandOf(given), folder, file, remedy: `claude mcp remove ${SERVER_NAME} -s ${scope}` }];
  const local = Object.entries(state.projects ?? {}).flatMap(([folder, project]) =>
    shadow('local', folder, files.state, project.mcpServers?.[SERVER_NAME]),
  );
  const project = folders.flatMap((folder) => {
    const file = path.join(folder, '.mcp.json');
    return shadow('project', folder, file, read(file, MOST_RULE_BYTES).mcpServers?.[SERVER_NAME]);
  });
  return { user: commandOf(state.mcpServers?.[SERVER_NAME]), shadows: [...local, ...project], problems };
}

function commandOf(given: unknown): ServerCommand | null {
  const parsed = entry.safeParse(given);
  return parsed.success && !hasLongWord(parsed.data) ? parsed.data : null;
}

/** What is registered at a place; null = nothing, or nothing that can be read. */
export function entryAt({ user, shadows }: Registered, place: EntryPlace): ServerCommand | null {
  if (place.scope === 'user') return user;
  return shadows.find(({ scope, folder }) => scope === place.scope && folder === place.folder)?.command ?? null;
}

/** What Claude Code starts in a folder: the entry of the user alone there, else that of the project, else the one for everywhere. */
export function entryIn(registered: Registered, folder: string | undefined): ServerCommand | null {
  const before = shadowIn(registered, folder);
  return before ? before.command : registered.user;
}

/** The entry that wins over the user's in a folder; null = none does. */
export function shadowIn({ shadows }: Registered, folder: string | undefined): Shadow | null {
  const here = shadows.filter((shadow) => shadow.folder === folder);
  return here.find(({ scope }) => scope === 'local') ?? here[0] ?? null;
}

/** The variables of an entry as Claude Code hands them to the server: it fills in `${NAME}` and `${NAME:-else}`. */
export function variablesOf(entry: ServerCommand, env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const filled = (text: string) =>
    text.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (whole, name: string, otherwise?: string) => env[name] ?? otherwise ?? whole);
  return Object.fromEntries(Object.entries(entry.env).map(([name, value]) => [name, filled(value)]));
}

export function sameCommand(a: ServerCommand | null, b: ServerCommand): boolean {
  return a !== null && a.command === b.command && JSON.stringify([a.args, a.env]) === JSON.stringify([b.args, b.env]);
}

/** The commands that connect, in order; none when Claude Code knows this very command already. They are shown before they are run. */
export function connectCommands(registered: ServerCommand | null, wanted: ServerCommand, scope: Scope = 'user'): string[][] {
  if (sameCommand(registered, wanted)) return [];
  const { command, args, env } = wanted;
  const json = JSON.stringify({ type: 'stdio', command, args, ...(Object.keys(env).length > 0 && { env }) });
  return [...(registered ? disconnectCommands(scope) : []), ['mcp', 'add-json', SERVER_NAME, json, '-s', scope]];
}

export function disconnectCommands(scope: Scope = 'user'): string[][] {
  return [['mcp', 'remove', SERVER_NAME, '-s', scope]];
}

/** As it could be typed into a terminal. */
export function shownCommand(words: readonly string[]): string {
  return ['claude', ...words].map(shellWord).join(' ');
}

export interface ClaudeRun {
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Not a project, unless what is done concerns one. */
  readonly cwd: string;
}

export type RunOutcome = { readonly ok: true; readonly output: string } | { readonly ok: false; readonly reason: Message };

const RUN_MS = 30_000;

/** Runs one command of Claude Code's own. */
export function runClaude({ program, env, cwd }: ClaudeRun, words: readonly string[]): Promise<RunOutcome> {
  const { ELECTRON_RUN_AS_NODE: _, ...clean } = env;
  return new Promise((resolve) => {
    // A Ctrl-C in our terminal must not reach it: between the removal of an old entry and the new one there would be none.
    const detached = process.platform !== 'win32';
    const options = { timeout: RUN_MS, cwd, env: clean as NodeJS.ProcessEnv, windowsHide: true, detached };
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

/** Registers the server, replacing an older entry. Twice the same changes nothing. */
export async function connect(run: ClaudeRun, files: ClaudeFiles, wanted: ServerCommand, place = FOR_USER): Promise<RunOutcome> {
  const registered = () => entryAt(readRegistered(files, foldersOf(place)), place);
  for (const words of connectCommands(registered(), wanted, place.scope)) {
    const done = await runClaude(runAt(run, place), words);
    // Another window may have done the same in the same moment.
    if (!done.ok && !sameCommand(registered(), wanted)) return done;
  }
  if (sameCommand(registered(), wanted)) return { ok: true, output: '' };
  return {
    ok: false,
    reason: message('claude.notRegistered', { file: files.state, server: SERVER_NAME }),
  };
}

/** Removes the registration; without one it does nothing. */
export async function disconnect(run: ClaudeRun, files: ClaudeFiles, place = FOR_USER): Promise<RunOutcome> {
  if (!entryAt(readRegistered(files, foldersOf(place)), place)) return { ok: true, output: '' };
  for (const words of disconnectCommands(place.scope)) {
    const done = await runClaude(runAt(run, place), words);
    if (!done.ok) return done;
  }
  return { ok: true, output: '' };
}

const foldersOf = (place: EntryPlace) => (place.scope === 'user' ? [] : [place.folder]);
const runAt = (run: ClaudeRun, place: EntryPlace) => (place.scope === 'user' ? run : { ...run, cwd: place.folder });
