/** What commands reached over the network, and what was refused them. */

export interface HostUse {
  readonly host: string;
  readonly connections: number;
  /** Bytes that came from the host and went to it, as encrypted. */
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface NetworkUse {
  readonly hosts: readonly HostUse[];
  /** Why something was refused: one line each, each once. */
  readonly refused: readonly string[];
}

const MOST_REFUSALS = 5;

/** Adds up what one command uses, and how much all of them did. */
export function networkMeter() {
  let hosts = new Map<string, { connections: number; bytesIn: number; bytesOut: number }>();
  let refused = new Set<string>();
  const total = { bytesIn: 0, bytesOut: 0 };
  const of = (host: string) => {
    const known = hosts.get(host) ?? { connections: 0, bytesIn: 0, bytesOut: 0 };
    hosts.set(host, known);
    return known;
  };
  return {
    total: total as Readonly<typeof total>,
    connected(host: string): void {
      of(host).connections++;
    },
    received(host: string, bytes: number): void {
      of(host).bytesIn += bytes;
      total.bytesIn += bytes;
    },
    sent(host: string, bytes: number): void {
      of(host).bytesOut += bytes;
      total.bytesOut += bytes;
    },
    refused(why: string): void {
      if (refused.size < MOST_REFUSALS) refused.add(why);
    },
    /** What was used since the last time that this was asked. */
    take(): NetworkUse {
      const use = { hosts: [...hosts].map(([host, counts]) => ({ host, ...counts })), refused: [...refused] };
      hosts = new Map();
      refused = new Set();
      return use;
    },
  };
}

export type NetworkMeter = ReturnType<typeof networkMeter>;
