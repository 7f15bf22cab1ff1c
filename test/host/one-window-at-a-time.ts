/**
 * All tests with a window as one file, for those who run files side by side: two windows at once are more than two cores can draw. They come
 * before what runs beside them, where that may be said (as root), as a person waits for a window.
 */
import { globSync } from 'node:fs';
import { setPriority } from 'node:os';

try {
  setPriority(-10);
} catch {} // then they share

for (const file of globSync('!(*.alone).test.ts', { cwd: import.meta.dirname }).sort()) await import(`./${file}`);
