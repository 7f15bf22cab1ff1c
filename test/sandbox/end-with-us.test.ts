import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { isGone } from '../../src/sandbox/watch-resources.ts';
import { asOrdinaryUser } from '../fakes/ordinary-user.ts';
import { until } from '../until.ts';

const PYTHON = '/usr/bin/python3';
const MODULE = new URL('../../src/sandbox/end-with-us.ts', import.meta.url).href;
/** What a program can make of itself, and the first process of a namespace by code that is written into it: nobody but root may look at its namespaces. */
const CLOSED =
  'import ctypes, time; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); ctypes.CDLL(None).prctl(15, b") 1 2\\n) 3"); print(1, flush=True); time.sleep(60)';

describe('the end of a server that was killed', () => {
  const started: ChildProcess[] = [];
  afterEach(() => {
    for (const child of started.splice(0)) child.kill('SIGKILL');
  });
  const start = async (words: readonly string[]): Promise<ChildProcess> => {
    const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(child);
    await once(child.stdout!, 'data');
    return child;
  };

  it('ends a command that nobody may look at, whatever it calls itself, and not who has its number by then', async function () {
    const user = asOrdinaryUser();
    if (process.platform !== 'linux' || user === null || !existsSync(PYTHON)) this.skip();
    const closed = await start([...user, PYTHON, '-c', CLOSED]);
    const other = await start([...user, PYTHON, '-c', CLOSED]);
    // Read when it is told: later its number is another's.
    const script = `const { endWithUs } = await import(${JSON.stringify(MODULE)}); endWithUs(() => ${closed.pid}); endWithUs(() => ${other.pid})();
      setTimeout(() => { console.log(1); setInterval(() => {}, 1000); }, 300);`;
    const server = await start([...user, process.execPath, '--input-type=module', '-e', script]);
    server.kill('SIGKILL');
    await until('its end', () => isGone(closed.pid!), 10);
    assert.equal(isGone(other.pid!), false);
  });
});
