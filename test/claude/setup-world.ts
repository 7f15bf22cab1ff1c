import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Broker, startBroker } from '../../src/broker/broker.ts';
import { claudeFiles } from '../../src/claude/claude-files.ts';
import { readRegistered } from '../../src/claude/registration.ts';
import { makeRepository } from '../e2e/world.ts';
import { type ScriptedKimi, TEST_KEY } from '../fakes/kimi/server.ts';
import { type Answer, type PlayedContext, type PlayedUser, playContext, playUser } from '../setup/played-user.ts';

/** A home with Claude Code and a repository, and a user who plays the questions of the set-up. */
export interface SetupWorld {
  readonly home: string;
  readonly repo: string;
  play(answers: readonly Answer[], more?: Parameters<typeof playContext>[1]): { user: PlayedUser; context: PlayedContext };
  /** The window's side of what servers ask. */
  answering(context: PlayedContext): Promise<Broker>;
  files(): ReturnType<typeof claudeFiles>;
  registered(): ReturnType<typeof readRegistered>['user'];
  remove(): void;
}

export const CONNECT: Answer[] = [
  [/Connect Claude Code to Kimi Delegate\?[\s\S]*> claude mcp add-json kimi-agent '\{\n {2}"type": "stdio"[\s\S]*\n\}' -s user/, 'Connect'],
  [/without asking each time\?[\s\S]*\+ mcp__kimi-agent__implement_feature[\s\S]*\+ mcp__kimi-agent__delegation_diff/, 'Add the Rules'],
];
export const ALL: Answer[] = [
  [/Paste your key/, TEST_KEY],
  [/Which model[\s\S]*kimi-k2\.7-code[\s\S]*\$0\.95 for a million/, 'kimi-k2.7-code'],
  [/How much may one attempt cost/, '$2'],
  [/may be sent to 127\.0\.0\.1/, 'Allow for /'],
  ...CONNECT,
  [/Shall a CLAUDE\.md/, 'Nothing More'],
  [/Kimi Delegate is ready/, null],
];

export function makeSetupWorld(program: string, kimi: ScriptedKimi): SetupWorld {
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-flow-')));
  const repo = path.join(home, 'work', 'app');
  makeRepository(repo);
  mkdirSync(path.join(home, '.local/bin'), { recursive: true });
  symlinkSync(program, path.join(home, '.local/bin/claude'));
  const files = () => claudeFiles({}, home);
  return {
    home,
    repo,
    files,
    play(answers, more = {}) {
      const user = playUser(answers);
      const env = { PATH: '/usr/bin:/bin', HOME: home, DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' };
      const context = playContext(user, { home, env, folders: [repo], defaults: { baseUrl: kimi.baseUrl }, ...more });
      return { user, context };
    },
    answering: (context) =>
      startBroker({
        stateDir: context.stateDir,
        version: context.version,
        folders: context.folders,
        answer: async () => ({ key: context.secret() ?? null, settings: {}, trusted: true, consent: 'granted' }),
        askConsent: async () => 'ask',
      }),
    registered: () => readRegistered(files(), []).user,
    remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}
