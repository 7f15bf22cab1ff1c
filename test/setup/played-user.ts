import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inEnglish } from '../../src/messages/translate.ts';
import { reportPage } from '../../src/setup/doctor/setup-report.ts';
import { windowDoor } from '../../src/setup/door.ts';
import { windowLayer } from '../../src/setup/setting-layers.ts';
import type { SetupContext } from '../../src/setup/setup-context.ts';
import { countingUi, type Ui } from '../../src/setup/ui.ts';
import { DIST } from '../fakes/mcp-client.ts';

/** An answer: the button that leads to the step before. */
export const BACK = '←';

/** What the user of a test does: sees a question that matches, and answers with a label (its beginning), a text, or leaves (null). */
export type Answer = readonly [seen: RegExp, answer: string | null];

export interface PlayedUser {
  readonly ui: Ui;
  /** Every question and message, with all its text. */
  readonly seen: string[];
  readonly pages: string[];
  /** The steps that it was led through. */
  readonly places: string[];
  readonly copied: string[];
  /** Pages that a button of a question would open. */
  readonly linked: string[];
  /** Settings that were opened. */
  readonly opened: string[];
  /** What the user would still have answered. */
  left(): readonly Answer[];
}

/** @param answers in the order of the questions; messages without buttons need none */
export function playUser(answers: readonly Answer[]): PlayedUser {
  const queue = [...answers];
  const seen: string[] = [];
  const pages: string[] = [];
  const places: string[] = [];
  const copied: string[] = [];
  const linked: string[] = [];
  const opened: string[] = [];
  let wentBack = false;
  function answer(text: string, labels: readonly string[] | null): string | undefined {
    seen.push(text);
    const next = queue[0];
    if (!next?.[0].test(text)) throw new Error(`The user did not expect this:\n${text}\n\nbut ${next ? next[0] : 'nothing more'}`);
    queue.shift();
    if (next[1] === null) return undefined;
    wentBack = next[1] === BACK;
    if (wentBack) return undefined;
    const chosen = next[1];
    if (labels === null) return chosen;
    const label = labels.find((each) => each.startsWith(chosen));
    if (label === undefined) throw new Error(`There is no ${chosen} among ${labels.join(' | ')}`);
    return label;
  }
  const played: PlayedUser = {
    seen,
    pages,
    places,
    copied,
    linked,
    opened,
    left: () => queue,
    ui: {
      async pick({ title, placeholder, choices }) {
        const text = [title, placeholder, ...choices.flatMap(({ label, description, detail }) => [label, description, detail])].join('\n');
        const label = answer(
          text,
          choices.map((choice) => choice.label),
        );
        return choices.find((choice) => choice.label === label)?.value;
      },
      async input({ title, prompt, check, pages: links = [] }) {
        linked.push(...links.map(({ url }) => url));
        for (;;) {
          const value = answer(`${title}\n${prompt}`, null);
          const wrong = value === undefined ? null : check(value);
          if (wrong === null) return value;
          seen.push(wrong);
        }
      },
      confirm: async ({ message, detail, actions }) => answer(`${message}\n${detail ?? ''}\n${actions.join(' | ')}`, actions),
      async notify(kind, message, actions = []) {
        if (actions.length > 0) return answer(`${kind}: ${message}`, actions);
        seen.push(`${kind}: ${message}`);
        return undefined;
      },
      busy: async (_title, work) => work(),
      report: async (report) => void pages.push(reportPage(report, { t: inEnglish, version: '0.0.0' })),
      chooseProgram: async (title) => answer(title, null),
      copy: async (text) => void copied.push(text),
      open: async () => {},
      openSetting: async (name) => void opened.push(name),
      inStep: ({ step, of, canGoBack }) => {
        wentBack = false;
        places.push(`${step}/${of}${canGoBack ? ' ←' : ''}`);
        return { ...countingUi(played.ui), wentBack: () => wentBack };
      },
    },
  };
  return played;
}

export interface PlayedContext extends SetupContext {
  /** What was seen to work, in this order. */
  readonly worked: readonly string[];
  readonly stored: Record<string, unknown>;
  /** The key in the secret storage. */
  secret(): string | undefined;
  remove(): void;
}

/** A window on a folder of its own, with a clean HOME. */
export function playContext(
  user: PlayedUser,
  more: Partial<SetupContext> & { home?: string; settings?: never; defaults?: Record<string, unknown> } = {},
): PlayedContext {
  const home = more.home ?? realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-setup-')));
  const defaults: Record<string, unknown> = {
    baseUrl: 'https://api.moonshot.cn/v1',
    model: 'kimi-k2.6',
    repositories: { '*': 'ask' },
    sandbox: 'required',
    ...more.defaults,
  };
  const stored: Record<string, unknown> = {};
  const worked: string[] = [];
  let key: string | undefined;
  const { defaults: _, settings: __, ...rest } = more;
  return {
    ui: user.ui,
    t: inEnglish,
    door: windowDoor(inEnglish),
    answers: {},
    key: {
      read: async () => key,
      store: async (value, baseUrl) => {
        key = value;
        if (baseUrl !== undefined) stored.baseUrl = baseUrl;
      },
      isOurs: async () => key !== undefined,
      delete: async () => {
        key = undefined;
      },
    },
    stateDir: path.join(home, '.claude-kimi-mcp'),
    dist: DIST,
    version: '1.2.3',
    runtime: { program: process.execPath, electron: false },
    platform: process.platform,
    env: { PATH: '/usr/bin:/bin', HOME: home },
    folders: [],
    trusted: true,
    language: 'en',
    proxy: undefined,
    fetch,
    regions: [],
    accountHome: null,
    envFiles: [],
    askForUpdates: false,
    now: Date.now,
    log: () => {},
    refresh: () => {},
    works: (what) => void worked.push(what),
    ...rest,
    home,
    settings: {
      get: (name) => stored[name] ?? defaults[name],
      own: (name) => stored[name],
      set: async (name, value) => {
        if (value === undefined) delete stored[name];
        else stored[name] = value;
      },
      written: () => Object.fromEntries(Object.entries(stored).map(([name, value]) => [`claudeKimi.${name}`, value])),
      takeBack: async (shown) => {
        for (const name of Object.keys(stored)) if (shown.includes(`claudeKimi.${name}`)) delete stored[name];
      },
      ofWindow: async (folder) => {
        const values = {
          ...(defaults.baseUrl !== 'https://api.moonshot.cn/v1' && { baseUrl: defaults.baseUrl }),
          ...withoutRepositories(stored),
        };
        return windowLayer(inEnglish, folder, values, more.trusted === false ? undefined : key);
      },
    },
    stored,
    worked,
    secret: () => key,
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

function withoutRepositories({ repositories: _, claudePath: __, ...others }: Record<string, unknown>): Record<string, unknown> {
  return others;
}
