/** Finds many texts in a text at once, in a time that does not grow with their number. */

/** So many characters decide whether it is worth to look closer. */
const PROBE = 4;

export interface FoundValue {
  readonly start: number;
  readonly end: number;
  /** What `add` named as where it comes from. */
  readonly from: string;
}

export class ValueFinder {
  readonly #byProbe = new Map<number, { value: string; from: string; isLine: boolean }[]>();
  readonly #maybe = new Uint8Array(65_536);
  readonly #known = new Set<string>();

  /** @param isLine counts only where it stands for itself: nothing that could be a part of the same word before it, the line ends behind it */
  add(value: string, from: string, isLine = false): void {
    if (value.length < PROBE || this.#known.has(value)) return;
    this.#known.add(value);
    const probe = probeAt(value, 0);
    this.#maybe[fold(probe)] = 1;
    const there = this.#byProbe.get(probe);
    if (!there) this.#byProbe.set(probe, [{ value, from, isLine }]);
    else {
      there.push({ value, from, isLine });
      there.sort((a, b) => b.value.length - a.value.length);
    }
  }

  /** In order, none inside of another. */
  find(text: string): FoundValue[] {
    const found: FoundValue[] = [];
    if (this.#known.size === 0) return found;
    for (let at = 0; at + PROBE <= text.length; ) {
      const probe = probeAt(text, at);
      const hit = this.#maybe[fold(probe)]
        ? this.#byProbe
            .get(probe)
            ?.find(({ value, isLine }) => text.startsWith(value, at) && (!isLine || standsAlone(text, at, value.length)))
        : undefined;
      if (hit) found.push({ start: at, end: at + hit.value.length, from: hit.from });
      at += hit ? hit.value.length : 1;
    }
    return found;
  }
}

function standsAlone(text: string, at: number, length: number): boolean {
  return !/[\w.$-]/.test(text[at - 1] ?? '\n') && /^[ \t\r]*(\\n|\n|$)/.test(text.slice(at + length, at + length + 16));
}

function probeAt(text: string, at: number): number {
  return ((text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) * 31 + text.charCodeAt(at + 2)) * 31 + text.charCodeAt(at + 3);
}

const fold = (probe: number) => (probe ^ (probe >>> 16)) & 0xffff;
