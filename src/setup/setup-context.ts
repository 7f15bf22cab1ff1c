import type { SettingName } from '../config.ts';
import type { Runtime } from '../launcher/choose-runtime.ts';
import type { LauncherOptions } from '../launcher/install-launcher.ts';
import type { Translate } from '../messages/translate.ts';
import type { Ui } from './ui.ts';

/** Everything outside that the set-up reads and changes. */
export interface SetupContext extends LauncherOptions {
  readonly ui: Ui;
  readonly t: Translate;
  readonly key: { read(): Promise<string | undefined>; store(key: string): Promise<void>; delete(): Promise<void> };
  /** The user's settings `claudeKimi.*`; `set` writes those of the user, never of a folder. */
  readonly settings: {
    get(name: string): unknown;
    /** What the user set for all folders; undefined when nothing. */
    own(name: string): unknown;
    set(name: string, value: unknown): Promise<void>;
    /** Only what was set, for a folder: what the window tells servers. */
    explicit(folder: string | undefined): Partial<Record<SettingName, unknown>>;
  };
  /** The program that runs the window's extensions. */
  readonly runtime: Runtime;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Folders that are open, and whether they are trusted. */
  readonly folders: readonly string[];
  readonly trusted: boolean;
  /** The language of the window, such as `en` or `zh-cn`. */
  readonly language: string;
  /** VS Code's own setting http.proxy. */
  readonly proxy: string | undefined;
  readonly fetch: typeof fetch;
  /** The platforms between which a key is looked for. */
  readonly regions: readonly string[];
  log(line: string): void;
  /** Seen to work just now: what failed before that is no news any more. */
  works(what: 'key' | 'everything'): void;
  /** Something changed that the rest of the window shows. */
  refresh(): void;
}

/** `stopped`: the user left; nothing further is asked. */
export type StepEnd = 'done' | 'skipped' | 'stopped';
