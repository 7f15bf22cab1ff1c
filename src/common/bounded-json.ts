const MB = 2 ** 20;
/** Far more than any list of models. */
const MOST_BYTES = 4 * MB;

/**
 * The JSON of an answer that nobody's word stands for: what goes on for ever, or unfolds to that, would take all memory, and is read as one JSON, in
 * which nothing can be interrupted.
 */
export async function boundedJson(response: Pick<Response, 'body'>): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    pieces.push(piece);
    bytes += piece.length;
    // Leaving ends the answer.
    if (bytes > MOST_BYTES) throw new SyntaxError(`more than ${MOST_BYTES / MB} MB`);
  }
  return JSON.parse(new TextDecoder().decode(Buffer.concat(pieces)));
}
