/** The answers of the server's tools, as far as a window reads them. */
export interface AnswerFields {
  /** `ready`, `refused`, `merged` ...; empty when the answer has no such line. */
  readonly outcome: string;
  readonly reason: string;
  /** Of a refused decision: why, in one word, and the files that it is about; empty when the answer does not say. */
  readonly cause: string;
  readonly files: string;
  readonly text: string;
}

/** Reads the first lines of an answer; later ones hold text of the worker, which must not pass for a field. */
export function readAnswer(text: string): AnswerFields {
  const head = text.split('\n').slice(0, 8).join('\n');
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(head)?.[1] ?? '';
  return {
    outcome: /^outcome: ([a-z_]+)/.exec(text)?.[1] ?? '',
    reason: field('reason'),
    cause: field('cause'),
    files: field('files'),
    text,
  };
}
