import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { z } from 'zod';
import { contains } from '../common/path-contains.ts';

/**
 * What a VS Code window and a server say to each other over a local socket, one line of JSON at a time:
 *
 *     window -> server   challenge  {v, nonce}
 *     server -> window   question   {v, nonce, ask, repository, proof}   the server knows the secret of the discovery file
 *     window -> server   reply      {answer, proof}                      and so does the window, about this very answer
 *
 * The proofs are HMAC-SHA256 over both nonces, so none can be played again, and a process that only found (or squats on) the
 * socket learns nothing and can redirect nothing.
 */
export const PROTOCOL = 1;

/** Longest line of a question, in bytes. */
export const MAX_LINE_BYTES = 64 * 1024;
/** Of an answer, which carries settings. A server that could not read it would go on as if there was no window, and nothing refused. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** How long a question to the user may stay open. */
export const CONSENT_MS = 120_000;

/** How the commands of the terminal call themselves. */
export const TERMINAL_CLIENT = 'claude-kimi-mcp';

/** A window listens on `<folder that begins so>/<name>`, where the system has sockets in files. */
export const SOCKET_FOLDER = 'kimi-win-';
export const SOCKET_NAME = 's';

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);

/** `<state>/windows/<id>.json`, mode 0600: where a window listens, and the secret that both sides prove to know. */
export const discoverySchema = z.object({
  v: z.literal(PROTOCOL),
  id: z.string().regex(/^[\w-]{1,64}$/),
  /** Path of a Unix socket, or the name of a pipe on Windows. */
  socket: z.string().min(1).max(500),
  secret: hex64,
  /** Real paths of the window's folders. */
  folders: z.array(z.string()).max(20_000),
  /** Version of the extension. */
  version: z.string(),
  /** When the window began to listen, in ms since 1970. */
  startedAt: z.number(),
  /** The machine that it runs on; those of older versions do not say. */
  host: z.string().optional(),
});
export type Discovery = z.infer<typeof discoverySchema>;

export const challengeSchema = z.object({ v: z.literal(PROTOCOL), nonce: hex64 });

export const questionSchema = z.object({
  v: z.literal(PROTOCOL),
  nonce: hex64,
  /** `settings` is answered at once; `consent` when the user has decided. */
  ask: z.enum(['settings', 'consent']),
  repository: z.string().min(1).max(4096),
  /** Which program wants to send code, by its own word; only with `consent`. */
  client: z.string().max(100).optional(),
  proof: hex64,
});
export type Question = z.infer<typeof questionSchema>;

export const replySchema = z.object({ answer: z.string(), proof: hex64 });

const consentSchema = z.enum(['granted', 'denied', 'ask']);
/** Whether the user agreed that code of a repository goes to the model's provider. */
export type Consent = z.infer<typeof consentSchema>;

export const answerSchema = z.object({
  /** null: there is none, or the window's folder is not trusted. */
  key: z.string().nullable(),
  /** Only what the user set, by the names of config.ts. */
  settings: z.record(z.string(), z.unknown()),
  trusted: z.boolean(),
  consent: consentSchema,
});
export type WindowAnswer = z.infer<typeof answerSchema>;

export const newNonce = () => randomBytes(32).toString('hex');

/** @param parts what the proof is about; they are framed, so that no two different lists give the same bytes */
export function prove(secret: string, parts: readonly string[]): string {
  return createHmac('sha256', Buffer.from(secret, 'hex')).update(JSON.stringify(parts)).digest('hex');
}

export function isProven(proof: string, secret: string, parts: readonly string[]): boolean {
  return timingSafeEqual(Buffer.from(proof, 'hex'), Buffer.from(prove(secret, parts), 'hex'));
}

/** What the server proves: it knows the secret, and asks just this. */
export function questionParts(windowNonce: string, question: Omit<Question, 'proof'>): string[] {
  const { nonce, ask, repository, client } = question;
  return ['server', windowNonce, nonce, ask, repository, ...(client === undefined ? [] : [client])];
}

/** What the window proves: it knows the secret, and answers just this to just that question. */
export function answerParts(windowNonce: string, question: Omit<Question, 'proof'>, answer: string): string[] {
  return ['window', windowNonce, question.nonce, question.ask, question.repository, answer];
}

/**
 * How well a window's folders cover a repository: the length of the longest folder that holds it; less than 0 when a folder lies in
 * the repository (the window was opened in a part of it; nearer ones are better); null when they have nothing to do with each other.
 */
export function coverage(folders: readonly string[], repository: string): number | null {
  const holding = folders.filter((folder) => contains(folder, repository)).map((folder) => folder.length);
  if (holding.length > 0) return Math.max(...holding);
  const inside = folders.filter((folder) => contains(repository, folder)).map((folder) => repository.length - folder.length);
  return inside.length > 0 ? Math.max(...inside) : null;
}

/**
 * The next line of a socket, without its end.
 * @throws Error when the other side ends, fails or sends more than so many bytes before the line ends
 */
export function readLine(socket: Socket, most = MAX_LINE_BYTES): Promise<string> {
  return new Promise((resolve, reject) => {
    let chunks = Buffer.alloc(0);
    const done = (finish: () => void) => {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
      socket.pause();
      finish();
    };
    const onData = (chunk: Buffer) => {
      chunks = Buffer.concat([chunks, chunk]);
      const end = chunks.indexOf(0x0a);
      if (end >= 0) {
        const rest = chunks.subarray(end + 1);
        done(() => resolve(chunks.subarray(0, end).toString('utf8')));
        if (rest.length > 0) socket.unshift(rest);
      } else if (chunks.length > most) done(() => reject(new Error('the line is too long')));
    };
    const onEnd = () => done(() => reject(new Error('the other side ended')));
    const onError = (error: Error) => done(() => reject(error));
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
    socket.resume();
  });
}

/** Parses a line by a schema; throws for anything else. */
export function parseLine<T>(schema: z.ZodType<T>, line: string): T {
  return schema.parse(JSON.parse(line));
}
