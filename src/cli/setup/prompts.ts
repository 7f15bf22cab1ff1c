import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { isCancel, password, select, text, updateSettings } from '@clack/prompts';
import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';
import type { Translate } from '../../messages/translate.ts';
import { headline } from '../../setup/doctor/setup-report.ts';
import { type Confirmation, countingUi, type MessageKind, type Question, type Ui } from '../../setup/ui.ts';
import { holding } from '../hold-interrupt.ts';
import type { Terminal } from '../terminal.ts';
import { closeRail, draw, fitted, fittedHint, openRail, withoutHome } from './draw.ts';

/** Somebody pressed Ctrl-C, at a question or while something was done. */
export class Interrupted extends Error {}

/** The questions of the set-up in a terminal, or their answers where nobody is asked. */
export interface Prompts extends Ui {
  /** What went wrong or is missing, as it was said. */
  readonly problems: readonly string[];
  /** Begins the line at the left, with the name of what is done. */
  begin(words: string): void;
  /** Ends the line at the left of what was said, with a last word. */
  close(words?: string): void;
  /** Fires when Ctrl-C is pressed while something is done. */
  signal(): AbortSignal | undefined;
}

export interface PromptOptions {
  readonly terminal: Terminal;
  readonly t: Translate;
  /** Where everything is written: stdout may belong to JSON. */
  readonly output: Writable & { readonly isTTY?: boolean };
  /** Whether usual answers are taken instead of asking. */
  readonly unattended: boolean;
}

/** What is over sooner needs no line. */
const QUIET_MS = 300;

export function createPrompts(options: PromptOptions): Prompts {
  const { terminal, t, output, unattended } = options;
  const problems: string[] = [];
  let working: AbortSignal | undefined;
  updateSettings({ messages: { cancel: t('Stopped.'), error: t('Stopped.') } });
  const say = (kind: MessageKind, words: string) => {
    if (kind !== 'info') problems.push(words);
    draw(kind, words, options);
  };
  const shown = { input: process.stdin as Readable, output };
  const ask = async (title: string) => {
    return answered(await text({ ...shown, message: title }));
  };
  const prompts: Prompts = {
    problems,
    begin: (words) => openRail(words, options),
    close: (words) => closeRail(words, options),
    signal: () => working,
    pick: (question) => pick(question, options),
    async confirm(question) {
      if (!unattended) return confirm(question, options);
      const { kind = 'info', message, detail, actions, decline } = question;
      const answer = kind === 'info' ? actions[0] : decline;
      const asked = answer === undefined ? message : `${message} → ${answer}`;
      say(kind, detail ? `${asked}\n${detail}` : asked);
      return answer;
    },
    async input({ title, prompt, placeholder, secret, check }) {
      if (unattended) return undefined;
      draw('info', prompt, options);
      const common = { ...shown, message: title, validate: (value: string | undefined) => check(value ?? '') ?? undefined };
      return answered(await (secret ? password({ ...common, mask: '•' }) : text({ ...common, ...(placeholder && { placeholder }) })));
    },
    async notify(kind, message) {
      say(kind, message);
      return undefined;
    },
    async busy(title, work) {
      const quiet = new AbortController();
      const told = () => terminal.status(title);
      void pause(QUIET_MS, null, { signal: quiet.signal }).then(told, () => {});
      try {
        const { value, interrupted } = await holding((signal) => {
          working = signal;
          return work();
        });
        if (interrupted) throw new Interrupted();
        return value;
      } finally {
        working = undefined;
        quiet.abort();
        terminal.status('');
      }
    },
    report: async (report) => draw('info', headline(report, t), options), // `doctor` shows it whole
    chooseProgram: (title) => (unattended ? Promise.resolve(undefined) : ask(title)),
    copy: async (words) => draw('info', words, options),
    open: async (url) => draw('info', url, options),
    openSetting: async (name) => draw('info', name, options),
    inStep: () => countingUi(prompts),
  };
  return prompts;
}

async function pick<T>({ placeholder, choices }: Question<T>, options: PromptOptions): Promise<T | undefined> {
  const current = choices.find((choice) => choice.current) ?? choices[0];
  if (options.unattended) return current?.value;
  const index = await select<number>({
    input: process.stdin,
    output: options.output,
    message: fitted(placeholder, options),
    options: choices.map(({ label, description, detail }, value) => {
      const shown = escapeUntrusted(withoutHome(label));
      return { value, label: shown, hint: fittedHint(shown, [description, detail].filter(Boolean).join(' · '), options) };
    }),
    initialValue: current ? choices.indexOf(current) : 0,
    showInstructions: false,
  });
  return choices[answered(index)]?.value;
}

async function confirm(
  { kind = 'info', message, detail, actions, decline }: Confirmation,
  options: PromptOptions,
): Promise<string | undefined> {
  const { t } = options;
  if (detail) draw(kind, detail, options);
  const labels = decline === undefined || actions.includes(decline) ? actions : [...actions, decline];
  const choices = decline === undefined ? [...labels, t('Stop Here')] : labels;
  const index = await select<number>({
    input: process.stdin,
    output: options.output,
    message: fitted(message, options),
    options: choices.map((label, value) => ({ label, value })),
    // What warns is not agreed to by haste.
    initialValue: kind === 'warning' && actions.length === 1 ? choices.length - 1 : 0,
    showInstructions: false,
  });
  return labels[answered(index)];
}

function answered<T>(given: T): Exclude<T, symbol> {
  if (isCancel(given)) throw new Interrupted();
  return given as Exclude<T, symbol>;
}
