/** Finds many texts in a text at once, in a time that hardly grows with their number. */

/** So many characters decide whether it is worth to look closer, and so many of a longer value which ones to compare. */
const PROBE = 4;
const LONGER_PROBE = 16;
/**
 * A repository chooses the values and the text: such as all begin alike would be compared for minutes. What is behind so many steps, of which a
 * character of the text allows some more, is taken for a value.
 */
const MOST_STEPS = 3_000_000;
const STEPS_A_CHARACTER = 8;
const COMPARED_IN_A_STEP = 64;

export interface FoundValue {
  readonly start: number;
  readonly end: number;
  /** What `add` named as where it comes from. */
  readonly from: string;
}

interface Value {
  readonly value: string;
  readonly from: string;
  readonly isLine: boolean;
}

/** Values that begin with the same characters. */
interface Group {
  readonly long: Map<string, Values>;
  readonly short: Values;
}

/** By their length, the longest first: a file may hold very many, and none is to be compared with all of them. */
class Values {
  readonly lengths: number[] = [];
  readonly byLength = new Map<number, Map<string, Value>>();

  add(value: Value): void {
    const { length } = value.value;
    const same = this.byLength.get(length);
    if (same) return void same.set(value.value, value);
    this.byLength.set(length, new Map([[value.value, value]]));
    const at = this.lengths.findIndex((other) => other < length);
    this.lengths.splice(at < 0 ? this.lengths.length : at, 0, length);
  }
}

export class ValueFinder {
  readonly #byProbe = new Map<number, Group>();
  readonly #maybe = new Uint8Array(65_536);
  readonly #known = new Set<string>();

  /** @param isLine counts only where it stands for itself: nothing that could be a part of the same word before it, the line ends behind it */
  add(value: string, from: string, isLine = false): void {
    if (value.length < PROBE || this.#known.has(value)) return;
    this.#known.add(value);
    const probe = probeAt(value, 0);
    this.#maybe[fold(probe)] = 1;
    const group = this.#byProbe.get(probe) ?? { long: new Map<string, Values>(), short: new Values() };
    this.#byProbe.set(probe, group);
    const beginning = value.slice(0, LONGER_PROBE);
    const values = value.length < LONGER_PROBE ? group.short : (group.long.get(beginning) ?? new Values());
    if (value.length >= LONGER_PROBE) group.long.set(beginning, values);
    values.add({ value, from, isLine });
  }

  /** In order, none inside of another; one may begin within another and end behind it. */
  find(text: string): FoundValue[] {
    const found: FoundValue[] = [];
    if (this.#known.size === 0) return found;
    let left = MOST_STEPS + STEPS_A_CHARACTER * text.length;
    let done = 0;
    for (let at = 0; at + PROBE <= text.length; at++) {
      const probe = probeAt(text, at);
      const group = this.#maybe[fold(probe)] ? this.#byProbe.get(probe) : undefined;
      if (group === undefined) continue;
      const long = group.long.size > 0 ? group.long.get(text.slice(at, at + LONGER_PROBE)) : undefined;
      search: for (const { lengths, byLength } of long ? [long, group.short] : [group.short]) {
        for (const length of lengths) {
          const end = at + length;
          if (end <= done) break; // nothing shorter reaches further
          left -= 1 + length / COMPARED_IN_A_STEP;
          if (left < 0) return [...found, { start: at, end: text.length, from: byLength.get(length)!.values().next().value!.from }];
          const value = end > text.length ? undefined : byLength.get(length)!.get(text.slice(at, end));
          if (!value || (value.isLine && !standsAlone(text, at, length))) continue;
          found.push({ start: at, end, from: value.from });
          done = end;
          break search;
        }
      }
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
