/** What an attempt sent out of the machine, and where to, added up from its journal. */
import { z } from 'zod';
import { WITHHELD_BY } from '../../agent/never-send/never-send.ts';
import { ownValue } from '../../common/own-value.ts';
import type { HostUse, NetworkUse } from '../../sandbox/network/network-use.ts';
import type { JournalEvent } from './journal.ts';

const fileSchema = z.object({
  bytes: z.number(),
  times: z.number(),
  /** The step of the first time; 0 = with the task. */
  first: z.number(),
  /** `task`, or the tools that showed it. */
  by: z.array(z.string()).readonly(),
});

export const sentSchema = z.object({
  /** Hosts; more than one where a resume had another. */
  to: z.array(z.string()).readonly(),
  requests: z.number(),
  /** Of all requests; each sends the conversation up to it again. */
  bytes: z.number(),
  /** What was sent new, by what brought it: `task`, `note`, or a tool. */
  by: z.record(z.string(), z.object({ times: z.number(), bytes: z.number() })),
  files: z.record(z.string(), fileSchema),
  /** Files beyond those that are listed. */
  moreFiles: z.number(),
  /** What commands reached over the network, by host: connections, and encrypted bytes to it and from it. Older results do not tell. */
  network: z.record(z.string(), z.object({ connections: z.number(), bytesOut: z.number(), bytesIn: z.number() })).optional(),
  /** Why commands were refused to reach something, each once, the first ones. Older results do not tell. */
  refused: z.array(z.string()).readonly().optional(),
  /** Files, or kinds of secrets, that were held back. */
  withheld: z.record(z.string(), z.enum(WITHHELD_BY)),
});
export type SentAccount = z.infer<typeof sentSchema>;

export const NOTHING_SENT: SentAccount = {
  to: [],
  requests: 0,
  bytes: 0,
  by: {},
  files: {},
  moreFiles: 0,
  network: {},
  refused: [],
  withheld: {},
};
const MOST_FILES = 500;
const MOST_WAYS = 50;
const MOST_HOSTS = 50;
const MOST_REFUSALS = 10;

export function addToAccount(account: SentAccount, event: JournalEvent): SentAccount {
  switch (event.type) {
    case 'start':
    case 'resume':
      return event.endpoint === undefined || account.to.includes(event.endpoint)
        ? account
        : { ...account, to: [...account.to, event.endpoint] };
    case 'request':
      return { ...account, requests: account.requests + 1, bytes: account.bytes + event.bytes };
    case 'message':
      return event.sent ? addMessage(account, event.step, event.sent) : account;
    case 'tool_end':
      return event.use?.network ? addNetwork(account, event.use.network) : account;
    default:
      return account;
  }
}

function addNetwork(account: SentAccount, { hosts, refused }: NetworkUse): SentAccount {
  const refusals = [...new Set([...(account.refused ?? []), ...refused])].slice(0, MOST_REFUSALS);
  return { ...account, network: addHosts(account.network ?? {}, hosts), refused: refusals };
}

type NetworkAccount = NonNullable<SentAccount['network']>;

/** Where a wildcard is allowed, there may be any number of hosts: those beyond the first count together. */
function addHosts(known: NetworkAccount, hosts: readonly HostUse[]): NetworkAccount {
  let sum = { ...known };
  for (const { host, connections, bytesOut, bytesIn } of hosts) {
    const name = Object.hasOwn(sum, host) || Object.keys(sum).length < MOST_HOSTS ? host : '*';
    const before = ownValue(sum, name) ?? { connections: 0, bytesOut: 0, bytesIn: 0 };
    const more = {
      connections: before.connections + connections,
      bytesOut: before.bytesOut + bytesOut,
      bytesIn: before.bytesIn + bytesIn,
    };
    sum = { ...sum, [name]: more };
  }
  return sum;
}

type Sent = NonNullable<Extract<JournalEvent, { type: 'message' }>['sent']>;

/** A model may call tools by names without number that there are none of: those beyond the first count together. */
function addMessage(account: SentAccount, step: number, { by: way, bytes, files = {}, withheld = {} }: Sent): SentAccount {
  const by = Object.hasOwn(account.by, way) || Object.keys(account.by).length < MOST_WAYS ? way : '*';
  const before = ownValue(account.by, by) ?? { times: 0, bytes: 0 };
  const next = { ...account, by: { ...account.by, [by]: { times: before.times + 1, bytes: before.bytes + bytes } } };
  if (Object.entries(withheld).some(([name, why]) => ownValue(account.withheld, name) !== why))
    next.withheld = { ...account.withheld, ...withheld };
  const shown = Object.entries(files);
  if (shown.length === 0) return next;
  for (const [path, size] of shown) {
    const known = ownValue(next.files, path);
    if (!known && Object.keys(next.files).length >= MOST_FILES) next.moreFiles++;
    else {
      const ways = known?.by.includes(by) ? known.by : [...(known?.by ?? []), by];
      const file = { bytes: (known?.bytes ?? 0) + size, times: (known?.times ?? 0) + 1, first: known?.first ?? step, by: ways };
      next.files = { ...next.files, [path]: file };
    }
  }
  return next;
}
