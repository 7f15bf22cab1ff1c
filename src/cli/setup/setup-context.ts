import { userInfo } from 'node:os';
import { proxyFetch } from '../../agent/model/proxy-fetch.ts';
import { findWindow } from '../../broker/find-window.ts';
import { messageText, type Translate } from '../../messages/translate.ts';
import type { Answers } from '../../setup/answers.ts';
import { terminalDoor } from '../../setup/door.ts';
import { openEnvStore } from '../../setup/env-store.ts';
import { REGIONS } from '../../setup/kimi-account.ts';
import type { SetupContext } from '../../setup/setup-context.ts';
import { homeFolder } from '../../state-directory.ts';
import type { Context } from '../command.ts';
import { foldersHere } from './folders-here.ts';
import type { Prompts } from './prompts.ts';

declare const __VERSION__: string;

const WINDOW_MS = 300;

export interface SetupContextOptions {
  readonly ui: Prompts;
  readonly t: Translate;
  readonly answers?: Answers;
  readonly envFiles?: readonly string[];
  readonly ownEnvFiles?: readonly string[];
  readonly askForUpdates?: boolean;
}

/** The surroundings of a terminal: the user's home, the repository around the current folder, the file with key and settings. */
export async function openSetupContext(context: Context, options: SetupContextOptions): Promise<SetupContext> {
  const { terminal, env, cwd, stateDir, programFolder, now } = context;
  const { ui, t, answers = {}, envFiles = [], ownEnvFiles = [], askForUpdates = false } = options;
  const store = openEnvStore(stateDir);
  const home = homeFolder() ?? cwd;
  return {
    ui,
    t,
    door: terminalDoor(t, store.file, terminal.program),
    answers,
    key: store.key,
    adopt: store.adopt,
    settings: {
      ...store.settings,
      ofWindow: async (folder) => (folder === undefined ? null : findWindow(stateDir, folder, { timeoutMs: WINDOW_MS })),
    },
    stateDir,
    dist: programFolder,
    version: __VERSION__,
    runtime: { program: process.execPath, electron: false },
    platform: process.platform,
    env,
    home,
    accountHome: accountHome(),
    folders: await foldersHere(cwd),
    trusted: true,
    language: terminal.language,
    proxy: undefined,
    envFiles,
    ownEnvFiles,
    askForUpdates,
    fetch: interruptible(env, options),
    regions: REGIONS,
    now,
    log: () => {},
    refresh: () => {},
    works: () => {},
  };
}

/** Through the user's proxy, and given up at Ctrl-C. */
function interruptible(env: Context['env'], { ui, t }: SetupContextOptions): typeof fetch {
  const proxied = proxyFetch(env);
  return async (input, init = {}) => {
    const signals = [init.signal, ui.signal()].filter((signal) => signal instanceof AbortSignal);
    const proxy = await proxied;
    if (!proxy.ok) throw new Error(messageText(proxy.reason, t));
    const send = proxy.fetch ?? fetch;
    return send(input, { ...init, signal: AbortSignal.any(signals) });
  };
}

function accountHome(): string | null {
  try {
    return userInfo().homedir;
  } catch {
    return null; // a container whose user has no entry
  }
}
