/** First messages of TLS connections, right and wrong, made by hand. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const GREASE = 0x0a0a;

export interface Hello {
  /** Names in the extension server_name, with their kinds; null = no such extension. */
  names?: readonly (readonly [kind: number, name: string])[] | null;
  /** Further extensions: number and content. */
  more?: readonly (readonly [type: number, content: Buffer])[];
  /** Bytes behind the message, in the same record. */
  behind?: Buffer;
}

export const named = (name: string): Hello => ({ names: [[0, name]] });

/** The message without records around it. */
export function helloMessage({ names = [], more = [], behind = Buffer.alloc(0) }: Hello): Buffer {
  const list = (names ?? []).map(([kind, name]) => Buffer.concat([Buffer.from([kind]), counted(2, Buffer.from(name))]));
  const server: [number, Buffer][] = names === null ? [] : [[0, counted(2, Buffer.concat(list))]];
  const extensions = [[GREASE, Buffer.alloc(1)] as const, ...server, ...more];
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    counted(1, Buffer.alloc(32, 8)),
    counted(2, Buffer.from([0x0a, 0x0a, 0x13, 0x01, 0xc0, 0x2f])),
    counted(1, Buffer.from([0])),
    counted(2, Buffer.concat(extensions.map(([type, content]) => Buffer.concat([number(2, type), counted(2, content)])))),
  ]);
  return Buffer.concat([Buffer.from([1]), counted(3, body), behind]);
}

/** In records of so many bytes of content. */
export function inRecords(message: Buffer, size = message.length, version = 1): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size)
    records.push(Buffer.concat([Buffer.from([22, 3, version]), counted(2, message.subarray(at, at + size))]));
  return Buffer.concat(records);
}

export const hello = (of: Hello): Buffer => inRecords(helloMessage(of));

/** What a server says that asks for a second hello (`retry`), or that goes on. */
export function serverHello(retry: boolean): Buffer {
  const random = retry ? Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex') : Buffer.alloc(32, 9);
  return inRecords(
    Buffer.concat([Buffer.from([2]), counted(3, Buffer.concat([Buffer.from([3, 3]), random, Buffer.alloc(8)]))]),
    undefined,
    3,
  );
}

/** A key and its certificate for a name, made for a test. */
export function selfSigned(name: string): { key: string; cert: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'certificate-'));
  try {
    const [key, cert] = ['key', 'cert'].map((file) => path.join(folder, file)) as [string, string];
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name} -keyout ${key} -out ${cert}`;
    execFileSync('openssl', words.split(' '), { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function number(size: number, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

function counted(size: number, content: Buffer): Buffer {
  return Buffer.concat([number(size, content.length), content]);
}
