import type { SetupReport } from './doctor/setup-report.ts';

/** What the steps of the set-up need of a window. The steps themselves know no VS Code, so tests play the user. */
export interface Ui {
  /** A list to choose from; undefined when the user left. */
  pick<T>(question: Question<T>): Promise<T | undefined>;
  /** A line of text. `check` says what is wrong with it, or null. */
  input(question: {
    title: string;
    prompt: string;
    placeholder?: string;
    secret: boolean;
    /** Pages on which the answer is found. */
    pages?: readonly { readonly label: string; readonly url: string }[];
    check(value: string): string | null;
  }): Promise<string | undefined>;
  /** Stops everything until the user chose; undefined when the user left. */
  confirm(question: Confirmation): Promise<string | undefined>;
  /** A message that stops nobody; with actions, the one that was chosen. */
  notify(kind: MessageKind, message: string, actions?: readonly string[]): Promise<string | undefined>;
  busy<T>(title: string, work: () => Promise<T>): Promise<T>;
  /** A page with what a look at the set-up has found, which leads to what mends it. */
  report(report: SetupReport): Promise<void>;
  chooseProgram(title: string): Promise<string | undefined>;
  copy(text: string): Promise<void>;
  open(url: string): Promise<void>;
  /** Shows one setting where the user can change it. */
  openSetting(name: string): Promise<void>;
  /** The same, for the questions of one step of several. */
  inStep(place: StepPlace): StepUi;
}

/** Where a step stands among those of the whole set-up. */
export interface StepPlace {
  /** From 1. */
  readonly step: number;
  readonly of: number;
  /** Whether there is one to go back to. */
  readonly canGoBack: boolean;
}

export interface StepUi extends Ui {
  /** Whether the step has asked anything so far. */
  hasAsked(): boolean;
  /** Whether the user left its last question for the step before. */
  wentBack(): boolean;
}

/** Counts questions, for what shows one at a time and knows no way back. */
export function countingUi(ui: Ui): StepUi {
  let asked = false;
  const counted =
    <A extends unknown[], R>(ask: (...args: A) => R) =>
    (...args: A): R => {
      asked = true;
      return ask(...args);
    };
  return {
    ...ui,
    pick: ((question) => counted(ui.pick)(question)) as Ui['pick'],
    input: counted(ui.input),
    confirm: counted(ui.confirm),
    hasAsked: () => asked,
    wentBack: () => false,
  };
}

export interface Confirmation {
  /** How it is drawn; default `info`. What warns is agreed to by nobody but the user. */
  readonly kind?: MessageKind;
  readonly message: string;
  readonly detail?: string;
  readonly actions: readonly string[];
  /** The answer no, for a terminal: a window's dialog can be closed. */
  readonly decline?: string;
}

export type MessageKind = 'info' | 'warning' | 'error';

export interface Question<T> {
  readonly title: string;
  readonly placeholder: string;
  readonly choices: readonly Choice<T>[];
}

export interface Choice<T> {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** How it is now: chosen by pressing Enter, so that nothing is changed by haste. */
  readonly current?: boolean;
  readonly value: T;
}
