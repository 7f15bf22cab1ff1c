// The side of whoever answers: `say --wait` prints the next request, `say <file>` or `say < <file>` sends an answer and then waits for it.
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Shorter than the patience of most shells that an agent has. */
const PATIENCE_MS = 540_000;

const [folder = '.', file] = process.argv.slice(2);
const url = readFileSync(path.join(folder, 'url'), 'utf8');
const answer = file === '--wait' ? '' : readFileSync(file ?? 0, 'utf8').trim();

try {
  if (answer !== '') {
    const response = await fetch(`${url}/answer`, { method: 'POST', body: answer });
    if (!response.ok) {
      console.log(`Refused: ${await response.text()}`);
      process.exit(1);
    }
  }
  const next = await fetch(`${url}/next`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  process.stdout.write(await next.text());
} catch (error) {
  const isLate = (error as Error).name === 'TimeoutError';
  console.log(isLate ? 'Nothing has been asked yet: wait again.' : 'THE END. Nothing more is asked.');
}
