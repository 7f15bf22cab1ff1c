/** Lets a TLS connection begin only with the host that was asked for; what comes after its first messages is encrypted. Pure. */
import { type HelloProblem, helloReader } from './client-hello.ts';

/** What may go on to the server now, or why the connection ends. */
export type Passage = { readonly pass: Buffer } | { readonly problem: HelloProblem };

/** The random of a ServerHello that is none: the server asks for a second ClientHello (RFC 8446, 4.1.3). */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
const RETRY_AT = 11;
const CHANGE_CIPHER = 20;
const CHANGE_CIPHER_BYTES = 6;
const ALERT = 21;
const ALERT_BYTES = 7;
const HANDSHAKE = 22;
/** A client that waits for an answer, as it must, sends next to nothing meanwhile. */
const MOST_HELD_BYTES = 4096;
const NOTHING = Buffer.alloc(0);

/**
 * The client's first message must name `host`, and so must its second one where the server asks for another. Until the server has
 * answered nothing else of the client's goes on: a second message that was sent ahead would be seen by nobody.
 */
export function tlsGuard(host: string) {
  let phase: 'hello' | 'answer' | 'open' = 'hello';
  let read = helloReader();
  let isSecond = false;
  let held: Buffer = NOTHING;
  let answer: Buffer = NOTHING;

  const pass = (bytes: number): Passage => {
    const passing = held.subarray(0, bytes);
    held = held.subarray(bytes);
    return { pass: passing };
  };
  const inspect = (chunk: Buffer): Passage => {
    const state = read(chunk);
    if (state.kind === 'more') return { pass: NOTHING };
    if (state.kind === 'refused') return { problem: state.problem };
    if (state.name !== host) return { problem: 'other-name' };
    phase = isSecond ? 'open' : 'answer';
    return pass(isSecond ? held.length : held.length - state.behind);
  };

  return {
    fromClient(chunk: Buffer): Passage {
      if (phase === 'open') return { pass: chunk };
      held = Buffer.concat([held, chunk]);
      if (phase === 'hello') return inspect(chunk);
      return held.length > MOST_HELD_BYTES ? { problem: 'malformed' } : { pass: NOTHING };
    },
    /** What the server says goes on to the client as it is; here only its kind is looked at. */
    fromServer(chunk: Buffer): Passage {
      if (phase !== 'answer') return { pass: NOTHING };
      answer = Buffer.concat([answer, chunk.subarray(0, 1024)]);
      for (let means = meaningless(answer); means > 0 && answer.length >= means; means = meaningless(answer))
        answer = answer.subarray(means);
      // A ServerHello in pieces: what it asks for would be seen by nobody. No server makes any so small.
      if (answer[0] === HANDSHAKE && answer.length >= 5 && answer.readUInt16BE(3) < RETRY_AT + RETRY.length - 5)
        return { problem: 'malformed' };
      if (meaningless(answer) > 0 || answer.length < RETRY_AT + RETRY.length) return { pass: NOTHING };
      if (!answer.subarray(RETRY_AT, RETRY_AT + RETRY.length).equals(RETRY)) {
        phase = 'open';
        return pass(held.length);
      }
      phase = 'hello';
      isSecond = true;
      read = behindChangeCipher(helloReader());
      return inspect(held);
    },
    isOpen: () => phase === 'open',
  };
}

/** The bytes of a record that is no answer yet: a warning, or a change of ciphers; 0 = it is none. */
function meaningless(answer: Buffer): number {
  return answer[0] === ALERT ? ALERT_BYTES : answer[0] === CHANGE_CIPHER ? CHANGE_CIPHER_BYTES : 0;
}

/** A record that means nothing may stand before the second ClientHello (RFC 8446, D.4). */
function behindChangeCipher(read: ReturnType<typeof helloReader>): ReturnType<typeof helloReader> {
  let start: Buffer | null = NOTHING;
  return (chunk) => {
    if (start === null) return read(chunk);
    start = Buffer.concat([start, chunk]);
    if (start.length === 0 || (start[0] === CHANGE_CIPHER && start.length < CHANGE_CIPHER_BYTES)) return { kind: 'more' };
    const rest = start[0] === CHANGE_CIPHER ? start.subarray(CHANGE_CIPHER_BYTES) : start;
    start = null;
    return read(rest);
  };
}
