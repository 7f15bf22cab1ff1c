/**
 * Notices a model that says the same over and over: it would go on until the output cap, which is paid for. Only long exact
 * repetition at the very end counts, so that tables, zeros and rulers in honest code pass.
 */

/** Characters that must repeat at least; a short period must recur at least so often, a longer one up to the tail that is kept. */
const LEAST_CHARACTERS = 4_000;
const LEAST_TIMES = 40;
const LONGEST_TAIL = 16_000;
const LONGEST_PERIOD = 2_000;
/** It is looked for anew after so many characters: each look costs less than the time in which a model writes ten of them. */
const LOOK_EVERY = 2_000;

export class RepetitionWatch {
  readonly #least: number;
  #tail = '';
  #sinceLook = 0;
  #repeats = false;

  /** @param least characters that must repeat at least; at most 16,000 */
  constructor(least: number = LEAST_CHARACTERS) {
    this.#least = least;
  }

  get repeats(): boolean {
    return this.#repeats;
  }

  add(piece: string): void {
    this.#tail += piece;
    this.#sinceLook += piece.length;
    if (this.#sinceLook < LOOK_EVERY) return;
    this.#sinceLook = 0;
    this.#tail = this.#tail.slice(-LONGEST_TAIL);
    if (this.#tail.length >= this.#least) this.#repeats ||= endRepeats(this.#tail, this.#least);
  }
}

/** Whether enough of the end has one short period. */
function endRepeats(text: string, least: number): boolean {
  const borders = bordersFromTheEnd(text);
  for (let length = least; length <= text.length; length++) {
    const period = length - borders[length - 1]!;
    if (period * LEAST_TIMES <= length || (length === LONGEST_TAIL && period <= LONGEST_PERIOD)) return true;
  }
  return false;
}

/** For each number of characters at the end: how long the longest border of them is (Knuth, Morris, Pratt; read backwards). */
function bordersFromTheEnd(text: string): Uint16Array {
  const borders = new Uint16Array(text.length);
  const at = (position: number) => text.charCodeAt(text.length - 1 - position);
  let length = 0;
  for (let position = 1; position < text.length; position++) {
    while (length > 0 && at(position) !== at(length)) length = borders[length - 1]!;
    if (at(position) === at(length)) length++;
    borders[position] = length;
  }
  return borders;
}
