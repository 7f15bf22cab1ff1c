import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { TEST_KEY } from '../fakes/kimi/server.ts';
import { DIST } from '../fakes/mcp-client.ts';
import { COMPILED } from '../scratch.ts';
import { until } from '../until.ts';

/** Where a command is typed: a folder, a home and a state directory. */
export interface Place {
  readonly home: string;
  readonly state: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Done {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const PROGRAM = path.join(DIST, 'cli.js');

/** A folder for PATH with the command, as a global installation makes it. */
export const GLOBAL_BIN = mkdtempSync(path.join(tmpdir(), 'ckm-cli-bin-'));
symlinkSync(PROGRAM, path.join(GLOBAL_BIN, 'claude-kimi-mcp'));
process.on('exit', () => rmSync(GLOBAL_BIN, { recursive: true, force: true }));

/** The place of a world of the end-to-end tests, with the key and the address of its scripted model. */
export function placeIn(
  world: { home: string; state: string; repo: string; kimi: { baseUrl: string } },
  env: Readonly<Record<string, string>> = {},
): Place {
  return {
    home: world.home,
    state: world.state,
    cwd: world.repo,
    env: { KIMI_API_KEY: TEST_KEY, KIMI_BASE_URL: world.kimi.baseUrl, ...env },
  };
}

function environment({ home, state, env }: Place): Record<string, string> {
  const folders = [path.dirname(process.execPath), GLOBAL_BIN, '/usr/local/bin', '/usr/bin', '/bin'];
  return { PATH: folders.join(':'), HOME: home, CLAUDE_KIMI_HOME: state, LANG: 'C.UTF-8', ...COMPILED, ...env };
}

/** Runs a command of the built program to its end, with pipes around it. */
export function cli(place: Place, ...words: string[]): Promise<Done> {
  return runToEnd(place, process.execPath, [PROGRAM, ...words]);
}

/** The same with what a shell does behind it: `list | head -1`. */
export function piped(place: Place, line: string): Promise<Done> {
  return runToEnd(place, '/bin/bash', ['-c', `'${process.execPath}' '${PROGRAM}' ${line}`]);
}

function runToEnd(place: Place, program: string, words: readonly string[]): Promise<Done> {
  const child = spawn(program, words, { cwd: place.cwd, env: environment(place), stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (texts.out += chunk));
  child.stderr.on('data', (chunk) => (texts.err += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...texts }));
  });
}

/** A command in a terminal, with somebody at the keys. */
export interface Session {
  /** What stands in the terminal by now: colours taken out, and of a line that was written anew what it became. */
  text(): string;
  /** The same as it was written. */
  raw(): string;
  /** Waits until the text holds it. */
  shows(text: RegExp): Promise<void>;
  type(keys: string): void;
  readonly ended: Promise<number | null>;
}

/** @param columns how wide the terminal is */
export function inTerminal(place: Place, columns: number, ...words: string[]): Session {
  const quoted = [process.execPath, PROGRAM, ...words].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  // script(1) makes the terminal; its size is that of nothing, so it is set inside.
  const command = `stty cols ${columns} rows 40; exec ${quoted}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: place.cwd,
    env: { TERM: 'xterm', ...environment(place) },
    stdio: 'pipe',
  });
  let raw = '';
  child.stdout.on('data', (chunk) => (raw += chunk));
  child.stdin.on('error', () => {});
  const text = () => stripVTControlCharacters(raw).replaceAll('\r\n', '\n').replace(/^.*\r/gm, '');
  return {
    text,
    raw: () => raw,
    shows: (wanted) =>
      until(`${wanted} in the terminal`, () => wanted.test(text())).then(
        () => {},
        (error: Error) => {
          throw new Error(`${error.message}, but:\n${text()}`);
        },
      ),
    type: (keys) => void child.stdin.write(keys),
    ended: new Promise((resolve) => child.once('close', resolve)),
  };
}
