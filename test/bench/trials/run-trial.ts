/** One run: a checkout, a loop at work on it through the endpoint, the hidden tests on what came out, the sums. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { git, makeCheckout, runHiddenTests } from './checkout.ts';
import { startEndpoint } from './endpoint.ts';
import { LOOPS } from './loops.ts';
import { addUp, type Result, readLog } from './sums.ts';
import type { Task } from './task-file.ts';

/** @param onOpen gets the command with which the requests are answered: its name tells nothing of the loop */
export async function runTrial(loopName: string, task: Task, folder: string, onOpen: (command: string) => void): Promise<Result> {
  const loop = LOOPS[loopName]!;
  mkdirSync(folder, { recursive: true });
  const repo = makeCheckout(task, folder);
  loop.install?.();
  const endpoint = await startEndpoint(folder);
  try {
    onOpen(writeCommand(folder, endpoint.url));
    const began = performance.now();
    const commit = await loop.run({ task, repo, folder, baseUrl: `${endpoint.url}/v1` });
    const seconds = (performance.now() - began) / 1000;
    endpoint.end();
    writeFileSync(path.join(folder, 'result.diff'), `${git(repo, 'diff', task.base, commit)}\n`);
    const hidden = runHiddenTests(task, repo, commit);
    const result: Result = { loop: loopName, task: task.name, ...addUp(readLog(folder), seconds), commit, hidden };
    writeFileSync(path.join(folder, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } finally {
    await endpoint.close();
  }
}

function writeCommand(folder: string, url: string): string {
  writeFileSync(path.join(folder, 'url'), url);
  const words = [process.execPath, fileURLToPath(new URL('say.ts', import.meta.url)), folder].map((word) => `'${word}'`);
  const command = path.join(folder, 'say');
  writeFileSync(command, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 });
  return command;
}
