/** Two ways to send a request: one that somebody has asked for, and one for a look that begins by itself. */
export interface Senders {
  readonly asked: typeof fetch;
  /** Refuses what goes to an address to which nobody has had anything sent yet. */
  readonly byItself: typeof fetch;
}

/**
 * Check Setup follows what is changed in the settings, an address included, which is written there piece by piece as somebody types it: the key
 * must not go to whatever stands there between two letters.
 * @param why said of a request that is refused
 */
export function knownAddresses(send: typeof fetch, why: () => string): Senders {
  const known = new Set<string>();
  const originOf = (input: Parameters<typeof fetch>[0]) => new URL(input instanceof Request ? input.url : input).origin;
  return {
    asked: (input, init) => {
      known.add(originOf(input));
      return send(input, init);
    },
    byItself: async (input, init) => {
      if (!known.has(originOf(input))) throw new Error(why());
      return send(input, init);
    },
  };
}
