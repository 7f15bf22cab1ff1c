import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** Asks again and again until there is an answer; for what nobody announces (a file of another process, the end of a process). */
export async function until<T>(what: string, probe: () => Promise<T> | T, seconds = 30): Promise<Exclude<T, null | undefined | false>> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found !== null && found !== undefined && found !== false) return found as Exclude<T, null | undefined | false>;
    assert.ok(Date.now() < deadline, `${what}: not within ${seconds} s`);
    await pause(10);
  }
}
