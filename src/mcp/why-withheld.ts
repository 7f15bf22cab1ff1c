import { consentFor } from '../broker/consent.ts';
import type { SilentWindow } from '../broker/find-window.ts';
import type { Consent } from '../broker/protocol.ts';
import type { ResolvedSettings } from '../config.ts';
import { type Message, message } from '../messages/message.ts';
import type { Progress } from './types.ts';

/** The question stands in the window for two minutes; a client that may give up after 60 s gets an answer before. */
export const PATIENT_MS = 120_000;
const IMPATIENT_MS = 40_000;
const PROGRESS_MS = 10_000;

/** The window that owns the repository, as far as it decides whether code may leave the machine. */
export interface ConsentingWindow {
  readonly label: string | Message;
  readonly consent: Consent;
  askConsent(client: string, signal: AbortSignal): Promise<Consent>;
}

/** Why a call may not send code, and whether that is what the user decided: nobody wants to be told of a choice of their own. */
export interface Withheld {
  readonly reason: Message;
  readonly denied: boolean;
}

export interface Asking {
  readonly clientName: string;
  readonly signal: AbortSignal;
  readonly patient: boolean;
  progress(progress: Progress): void;
}

/**
 * Why code of the repository may not be sent to the model, or null when it may. Where a window lends its key and the user has not
 * decided yet, the window asks, and this waits. A user who brought a key of their own (environment, file) has agreed by that, unless
 * KIMI_REPOSITORIES says otherwise. A refusal counts always, so nothing is sent past a window that has no time to tell of one.
 */
export async function whyWithheld(
  window: ConsentingWindow | SilentWindow | null,
  settings: ResolvedSettings,
  repository: string,
  call: Asking,
): Promise<Withheld | null> {
  // Before the window is asked: a terminal's set-up may have written it, whose file has not the key that counts.
  const refused = whyRefused(window, settings, repository);
  if (refused) return refused;
  if (window && window.consent !== 'silent' && settings.origins.apiKey.source === 'window') return decidedByWindow(window, call);
  const { repositories } = settings.values;
  if (repositories === undefined) return null;
  const { from } = settings.origins.repositories;
  if (consentFor(repositories, repository) === 'granted' || window?.consent === 'granted') return null;
  return { reason: message('consent.openHere', { from, folder: repository }), denied: false };
}

/** Why code of another repository, which would be sent along, may not be: only a refusal counts, as nobody is asked about that one. */
export function whyRefused(
  window: ConsentingWindow | SilentWindow | null,
  settings: ResolvedSettings,
  repository: string,
): Withheld | null {
  if (window?.consent === 'silent') return { reason: message('consent.silent', { window: window.label }), denied: false };
  if (window?.consent === 'denied') return { reason: message('consent.denied'), denied: true };
  const { repositories } = settings.values;
  if (repositories === undefined || consentFor(repositories, repository) !== 'denied') return null;
  return { reason: message('consent.deniedHere', { from: settings.origins.repositories.from }), denied: true };
}

async function decidedByWindow(window: ConsentingWindow, call: Asking): Promise<Withheld | null> {
  switch (window.consent === 'ask' ? await ask(window, call) : window.consent) {
    case 'denied':
      return { reason: message('consent.denied'), denied: true };
    case 'ask':
      return { reason: message('consent.open', { window: window.label }), denied: false };
    case 'granted':
      return null;
  }
}

async function ask(window: ConsentingWindow, { clientName, signal, patient, progress }: Asking): Promise<Consent> {
  let count = 0;
  const report = () =>
    progress({ progress: ++count / 1000, total: 1, message: 'waiting for your answer in VS Code: may this code go to Kimi?' });
  report();
  const timer = setInterval(report, PROGRESS_MS);
  try {
    return await window.askConsent(clientName, AbortSignal.any([signal, AbortSignal.timeout(patient ? PATIENT_MS : IMPATIENT_MS)]));
  } finally {
    clearInterval(timer);
  }
}
