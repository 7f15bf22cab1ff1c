import type { Consent } from '../../broker/protocol.ts';

/** One question that is asked in two places at once: in a message, and in front of everything as often as the user opens it there. */
export interface ConsentQuestion {
  /** The first decision; `ask` when the message was closed and nothing in front of it brought one. */
  readonly answer: Promise<Consent>;
  /** Asks in front of everything. Leaving that without a decision keeps the question open. */
  inFront(ask: () => Promise<Consent>): Promise<void>;
}

/**
 * @param inMessage what the message brings; `ask` when it is closed. An answer in front takes its time to be kept, and a message that is
 *   closed meanwhile must not count before it: that would be "not now" from a user who has just agreed.
 */
export function consentQuestion(inMessage: Promise<Consent>): ConsentQuestion {
  const decided = Promise.withResolvers<Consent>();
  let asking: Promise<Consent> = Promise.resolve('ask');
  inMessage.then(async (consent) => decided.resolve(consent === 'ask' ? await asking : consent)).catch(decided.reject);
  return {
    answer: decided.promise,
    async inFront(ask) {
      asking = ask();
      const consent = await asking;
      if (consent !== 'ask') decided.resolve(consent);
    },
  };
}
