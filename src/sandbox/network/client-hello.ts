/** Reads the first message of a TLS connection, which says in the clear whom the client wants to speak to. Pure. */

export type HelloProblem = 'plain' | 'malformed' | 'no-name' | 'other-name' | 'hidden-name' | 'early-data';

/** `more`: it is not complete yet. `behind`: how many bytes of what was given stand behind it. */
export type HelloState =
  | { readonly kind: 'more' }
  | { readonly kind: 'hello'; readonly name: string; readonly behind: number }
  | { readonly kind: 'refused'; readonly problem: HelloProblem };

/** Real ones have 0.2 to 4 KB; those with a long ticket or a post-quantum key share the most. */
const MOST_BYTES = 16_384;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const EXTENSION = { serverName: 0, earlyData: 42, encryptedHello: 0xfe0d, encryptedName: 0xffce } as const;

const MORE: HelloState = { kind: 'more' };

/**
 * Takes the bytes of a connection as they come, in records and pieces of any size.
 * @returns what is known after each; asked no more once that is not `more`
 */
export function helloReader(): (chunk: Buffer) => HelloState {
  let unread = Buffer.alloc(0);
  let message = Buffer.alloc(0);
  return (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    while (unread.length > 0) {
      if (unread[0] !== HANDSHAKE) return refused(message.length === 0 ? 'plain' : 'malformed');
      if (unread.length < 5) return MORE;
      const length = unread.readUInt16BE(3);
      if (unread[1] !== 3 || unread[2]! > 4 || length === 0) return refused('malformed');
      if (message.length + length > MOST_BYTES) return refused('malformed');
      if (unread.length < 5 + length) return MORE;
      message = Buffer.concat([message, unread.subarray(5, 5 + length)]);
      unread = unread.subarray(5 + length);
      if (message[0] !== CLIENT_HELLO) return refused('malformed');
      if (message.length < 4) continue;
      const whole = 4 + message.readUIntBE(1, 3);
      // What another reader would take for the begin of a second message.
      if (message.length > whole) return refused('malformed');
      if (message.length === whole) return nameIn(message.subarray(4), unread.length);
    }
    return MORE;
  };
}

function nameIn(hello: Buffer, behind: number): HelloState {
  try {
    const body = reader(hello);
    body.skip(2 + 32); // version, random
    body.part(1); // session
    body.part(2); // ciphers
    body.part(1); // compressions
    const extensions = reader(body.isAtEnd() ? Buffer.alloc(0) : body.part(2));
    if (!body.isAtEnd()) return refused('malformed');
    const found = new Map<number, Buffer>();
    while (!extensions.isAtEnd()) {
      const type = extensions.number(2);
      if (found.has(type)) return refused('malformed');
      found.set(type, extensions.part(2));
    }
    if (found.has(EXTENSION.encryptedHello) || found.has(EXTENSION.encryptedName)) return refused('hidden-name');
    if (found.has(EXTENSION.earlyData)) return refused('early-data');
    const names = found.get(EXTENSION.serverName);
    return names ? onlyName(names, behind) : refused('no-name');
  } catch {
    return refused('malformed');
  }
}

function onlyName(extension: Buffer, behind: number): HelloState {
  const outer = reader(extension);
  const list = reader(outer.part(2));
  const kind = list.number(1);
  const name = list.part(2);
  // Of two names a server may take either.
  if (kind !== 0 || name.length === 0 || !list.isAtEnd() || !outer.isAtEnd()) return refused('malformed');
  return { kind: 'hello', name: name.toString('latin1').toLowerCase(), behind };
}

/** Throws where the bytes end too early. */
function reader(bytes: Buffer) {
  let at = 0;
  const skip = (length: number): number => {
    const from = at;
    at += length;
    if (at > bytes.length) throw new RangeError('the message ends too early');
    return from;
  };
  const number = (size: number): number => bytes.readUIntBE(skip(size), size);
  return {
    skip,
    number,
    /** What a length of so many bytes counts. */
    part(size: number): Buffer {
      const length = number(size);
      return bytes.subarray(skip(length), at);
    },
    isAtEnd: () => at === bytes.length,
  };
}

function refused(problem: HelloProblem): HelloState {
  return { kind: 'refused', problem };
}
