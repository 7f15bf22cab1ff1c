/** What can go wrong on a machine, drawn by a seeded generator. `disturb.cjs` makes it happen inside of the server. */

export const CODES = ['ENOSPC', 'EIO', 'EACCES', 'EMFILE', 'EROFS'] as const;
export const DAMAGES = ['cut', 'emptied', 'zeros', 'noise', 'line lost'] as const;

export type Disturbance =
  /** SIGKILL at the `at`-th thing that the server does to the disk or starts. */
  | { readonly kind: 'die'; readonly at: number }
  /** SIGKILL from outside, so long after the `request`-th request of the model. */
  | { readonly kind: 'kill'; readonly request: number; readonly afterMs: number }
  /** The disk (or the table of open files) says no: once, or from then on. */
  | { readonly kind: 'disk'; readonly at: number; readonly code: (typeof CODES)[number]; readonly times: number }
  | { readonly kind: 'git'; readonly at: number; readonly how: 'fails' | 'dies' | 'hangs'; readonly times: number }
  | { readonly kind: 'clock'; readonly at: number; readonly by: number }
  /** SIGKILL as in `die`; then the journal is damaged, as when the machine lost its power. */
  | { readonly kind: 'journal'; readonly at: number; readonly how: (typeof DAMAGES)[number] }
  /** So few descriptors that the kernel itself refuses more. */
  | { readonly kind: 'descriptors'; readonly limit: number };

export type Random = () => number;

/** Numbers from 0 to 1 by mulberry32. */
export function numbers(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

const HOUR = 3_600_000;
const JUMPS = [-30 * 24 * HOUR, -2 * HOUR, -60_000, 60_000, 2 * HOUR, 30 * 24 * HOUR, 20 * 365 * 24 * HOUR, 100 * 365 * 24 * HOUR];

/** @param things how many things the server does to the disk or starts when nothing is disturbed */
export function drawKill(random: Random, things: number, requests: number): Disturbance {
  if (requests === 0 || random() < 0.5) return { kind: 'die', at: 1 + Math.floor(random() * things) };
  return { kind: 'kill', request: Math.floor(random() * (requests + 1)), afterMs: random() * 60 };
}

/** As `drawKill`, for everything else. */
export function drawFault(random: Random, things: number, requests: number): Disturbance {
  const at = 1 + Math.floor(random() * things);
  const times = random() < 0.6 ? 1 : 1_000_000;
  const draws: (() => Disturbance)[] = [
    () => ({ kind: 'disk', at, code: pick(random, CODES), times }),
    () => ({ kind: 'disk', at, code: pick(random, CODES), times }),
    () => ({ kind: 'git', at, how: pick(random, ['fails', 'dies']), times }),
    () => ({ kind: 'clock', at, by: pick(random, JUMPS) }),
    () => ({ kind: 'descriptors', limit: 24 + Math.floor(random() * 40) }),
  ];
  if (requests > 0) draws.push(() => ({ kind: 'journal', at, how: pick(random, DAMAGES) }));
  draws.push(() => ({ kind: 'git', at, how: 'hangs', times: 1 }));
  return pick(random, draws)();
}
