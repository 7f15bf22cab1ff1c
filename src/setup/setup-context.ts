import type { SettingLayer } from '../config.ts';
import type { Runtime } from '../launcher/choose-runtime.ts';
import type { LauncherOptions } from '../launcher/install-launcher.ts';
import type { Translate } from '../messages/translate.ts';
import type { Answers } from './answers.ts';
import type { Door } from './door.ts';
import type { Ui } from './ui.ts';

/** Everything outside that the set-up reads and changes. */
export interface SetupContext extends LauncherOptions {
  readonly ui: Ui;
  readonly t: Translate;
  readonly door: Door;
  readonly answers: Answers;
  readonly key: {
    read(): Promise<string | undefined>;
    /** @param baseUrl the address that it belongs to, where that is to change too */
    store(key: string, baseUrl?: string): Promise<void>;
    /** Whether it was stored here, and not put there by hand. */
    isOurs(): Promise<boolean>;
    delete(): Promise<void>;
  };
  /** The user's settings, by the names of config.ts; `set` writes those of the user, never of a folder. */
  readonly settings: {
    get(name: string): unknown;
    /** What the user set for all folders; undefined when nothing. */
    own(name: string): unknown;
    set(name: string, value: unknown): Promise<void>;
    /** Those that the set-up wrote, by the names that the user knows, with what they say now. */
    written(): Readonly<Record<string, unknown>>;
    /** @param shown those that the user agreed to, by these names; what was written since stays */
    takeBack(shown: readonly string[]): Promise<void>;
    /** Key and settings that the window tells servers which work in a folder; null = no window does. */
    ofWindow(folder: string | undefined): Promise<SettingLayer | null>;
  };
  /** The program that runs this. */
  readonly runtime: Runtime;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** The home of the account, whatever HOME says; null where that is not known. */
  readonly accountHome: string | null;
  /** Folders that are open (in a terminal: the repository around it), and whether they are trusted. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
  /** The language of the user, such as `en` or `zh-cn`. */
  readonly language: string;
  /** VS Code's own setting http.proxy; a terminal has none. */
  readonly proxy: string | undefined;
  readonly fetch: typeof fetch;
  /** The platforms between which a key is looked for. */
  readonly regions: readonly string[];
  /** Files in which an earlier installation may have left a key. */
  readonly envFiles: readonly string[];
  /** Those of them that are the user's own wherever they lie: named, or of this very program. */
  readonly ownEnvFiles?: readonly string[];
  /** Takes the lines of such a file over; where that is not possible, its settings are taken one by one. */
  adopt?(text: string, wanted: (name: string) => boolean): void;
  /** Whether the registry of npm may be asked for a newer version. */
  readonly askForUpdates: boolean;
  /** Why VS Code's own agent mode does not get the tools, or null when it does; a terminal knows nothing of it. */
  whyNoAgentMode?(): Promise<string | null>;
  log(line: string): void;
  /** Seen to work just now: what failed before that is no news any more. */
  works(what: 'key' | 'everything' | 'sandbox'): void;
  /** Something changed that the rest of the window shows. */
  refresh(): void;
}

/** `stopped`: the user left; nothing further is asked. */
export type StepEnd = 'done' | 'skipped' | 'stopped';
