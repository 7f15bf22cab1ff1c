import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ClaudeFiles, claudeFiles } from '../../src/claude/claude-files.ts';
import { type Registered, readRegistered } from '../../src/claude/registration.ts';
import { provisionClaude } from '../claude/provision.ts';
import { makeRepository } from '../e2e/world.ts';
import { type ScriptedKimi, startKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { cli, type Done, GLOBAL_BIN, type Place } from './run-cli.ts';

/** A clean home with a repository and, if wanted, the real Claude Code. */
export interface SetupPlace extends Place {
  readonly repo: string;
  readonly env: Record<string, string>;
  readonly envFile: string;
  files(): ClaudeFiles;
  registered(): Registered;
  /** What stands in `.env`. */
  written(): string;
  remove(): void;
}

export function makeSetupPlace(claude: string | null): SetupPlace {
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-cli-setup-')));
  const repo = path.join(home, 'work', 'app');
  makeRepository(repo);
  mkdirSync(path.join(home, '.local/bin'), { recursive: true });
  if (claude) symlinkSync(claude, path.join(home, '.local/bin/claude'));
  const state = path.join(home, '.claude-kimi-mcp');
  const files = () => claudeFiles({}, home);
  return {
    home,
    state,
    cwd: repo,
    repo,
    env: {
      PATH: [path.dirname(process.execPath), GLOBAL_BIN, '/usr/bin', '/bin'].join(':'),
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      NO_UPDATE_NOTIFIER: '1',
    },
    envFile: path.join(state, '.env'),
    files,
    registered: () => readRegistered(files(), [repo]),
    written: () => readFileSync(path.join(state, '.env'), 'utf8'),
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** The set-up by options alone, with the key of the scripted model. */
export function scriptedSetup(place: SetupPlace, kimi: { baseUrl: string }, ...words: string[]): Promise<Done> {
  return cli(place, 'setup', '--yes', '--key-file', keyFileIn(place), '--base-url', kimi.baseUrl, ...words);
}

export function keyFileIn({ home }: SetupPlace): string {
  const file = path.join(home, 'key');
  writeFileSync(file, `${TEST_KEY}\n`);
  return file;
}

export interface SetupWorld {
  /** With an account, and no conversation. */
  readonly kimi: ScriptedKimi;
  /** The real Claude Code, as a program. */
  readonly claude: string;
  readonly place: SetupPlace;
}

/** Gives each test of a suite a clean place; Claude Code and the scripted account serve all of them. */
export function inCleanPlaces(give: (world: SetupWorld) => void): void {
  let kimi: ScriptedKimi;
  let claude: string;
  let place: SetupPlace;
  before(async () => {
    claude = await provisionClaude((line) => console.error(line));
    kimi = await startKimi({ scenario: [], balance: 12.5 });
  });
  after(() => kimi.close());
  beforeEach(() => {
    place = makeSetupPlace(claude);
    give({ kimi, claude, place });
  });
  afterEach(() => place.remove());
}
