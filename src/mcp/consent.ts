import type { Consent } from '../broker/protocol.ts';
import type { ResolvedSettings } from '../config.ts';
import { type Message, message } from '../messages/message.ts';
import type { Progress } from './types.ts';

/** The question stands in the window for two minutes; a client that may give up after 60 s gets an answer before. */
const PATIENT_MS = 120_000;
const IMPATIENT_MS = 40_000;
const PROGRESS_MS = 10_000;

/** The window that owns the repository, as far as it decides whether code may leave the machine. */
export interface ConsentingWindow {
  readonly label: string | Message;
  readonly consent: Consent;
  askConsent(signal: AbortSignal): Promise<Consent>;
}

/** Why a call may not send code, and whether that is what the user decided: nobody wants to be told of a choice of their own. */
export interface Withheld {
  readonly reason: Message;
  readonly denied: boolean;
}

/**
 * Why code of the window's repository may not be sent to the model, or null when it may. Where the user has not decided yet, the window
 * asks, and this waits. A user who brought a key of their own (environment, file) has agreed by that; a refusal counts always.
 */
export async function whyWithheld(
  window: ConsentingWindow,
  settings: ResolvedSettings,
  call: { signal: AbortSignal; patient: boolean; progress(progress: Progress): void },
): Promise<Withheld | null> {
  const mustAsk = window.consent === 'ask' && settings.origins.apiKey.source === 'window';
  switch (mustAsk ? await ask(window, call) : window.consent) {
    case 'denied':
      return {
        reason: message('consent.denied'),
        denied: true,
      };
    case 'ask':
      return mustAsk
        ? {
            reason: message('consent.open', { window: window.label }),
            denied: false,
          }
        : null;
    case 'granted':
      return null;
  }
}

async function ask(window: ConsentingWindow, { signal, patient, progress }: Parameters<typeof whyWithheld>[2]): Promise<Consent> {
  let count = 0;
  const report = () =>
    progress({ progress: ++count / 1000, total: 1, message: 'waiting for your answer in VS Code: may this code go to Kimi?' });
  report();
  const timer = setInterval(report, PROGRESS_MS);
  try {
    return await window.askConsent(AbortSignal.any([signal, AbortSignal.timeout(patient ? PATIENT_MS : IMPATIENT_MS)]));
  } finally {
    clearInterval(timer);
  }
}
