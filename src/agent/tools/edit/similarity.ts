/** How alike texts are. Tens of thousands are compared with one at once, and nothing else runs meanwhile: so it has to be quick. */

/** Of longer texts only the beginning is compared. */
const MOST_CHARACTERS = 400;
/** Pairs beyond ASCII may share a place in the tables; that is rare, and the similarity is no exact thing. */
const PAIRS = 1 << 14;

/**
 * Dice's coefficient over the different pairs of neighbouring characters, blanks and case left out: 0 = nothing in common, 1 = the same
 * pairs. Pairs are counted in a table of stamps instead of sets.
 */
export function similarityTo(wanted: string): (other: string) => number {
  const wantedPairs = new Uint8Array(PAIRS);
  const stamps = new Uint32Array(PAIRS);
  let stamp = 1;
  let size = 0;
  eachPair(wanted, (pair) => {
    size += 1 - wantedPairs[pair]!;
    wantedPairs[pair] = 1;
  });
  return (other) => {
    stamp += 1;
    let different = 0;
    let common = 0;
    eachPair(other, (pair) => {
      if (stamps[pair] === stamp) return;
      stamps[pair] = stamp;
      different += 1;
      common += wantedPairs[pair]!;
    });
    return size + different === 0 ? 0 : (2 * common) / (size + different);
  };
}

function eachPair(text: string, visit: (pair: number) => void): void {
  const end = Math.min(text.length, MOST_CHARACTERS);
  let before = 0;
  for (let at = 0; at < end; at += 1) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === 160) continue;
    const character = code >= 65 && code <= 90 ? code + 32 : code;
    if (before !== 0) visit((before * 128 + character) & (PAIRS - 1));
    before = character;
  }
}
