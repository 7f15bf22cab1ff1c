import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createStory } from '../../../src/vscode/page/story.ts';

const line = (step: number) => `${JSON.stringify({ type: 'request', step, bytes: 1, at: step })}\n`;

describe('the story of the attempt that a page shows', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ckm-story-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const steps = (lines: readonly { type: string; step?: unknown }[]) => lines.map(({ step }) => step);

  it('goes on with each look, and begins anew with another attempt', async () => {
    const [one, two] = ['1', '2'].map((name) => path.join(folder, name)) as [string, string];
    writeFileSync(one, line(1));
    writeFileSync(two, line(20));
    const story = createStory();
    assert.deepEqual(steps(await story.read(one)), [1]);
    appendFileSync(one, line(2));
    assert.deepEqual(steps(await story.read(one)), [1, 2]);
    assert.deepEqual(steps(await story.read(two)), [20]);
    assert.deepEqual(steps(await story.read(one)), [1, 2]);
  });

  it('reads a journal of more lines than a call takes arguments', async () => {
    const long = path.join(folder, 'long');
    writeFileSync(long, Array.from({ length: 200_000 }, (_, n) => line(n)).join(''));
    assert.equal((await createStory().read(long)).length, 200_000);
  });

  it('keeps two attempts apart that are asked for at once', async () => {
    const [one, two] = ['1', '2'].map((name) => path.join(folder, name)) as [string, string];
    writeFileSync(one, line(1));
    writeFileSync(two, line(20));
    const story = createStory();
    const [first, second] = await Promise.all([story.read(one), story.read(two)]);
    assert.deepEqual([steps(first), steps(second)], [[1], [20]]);
    assert.deepEqual(steps(await story.read(two)), [20]);
  });
});
