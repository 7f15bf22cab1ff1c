/** All tests with a window as one file, for those who run files side by side: two windows at once are more than two cores can draw. */
import { globSync } from 'node:fs';

for (const file of globSync('!(*.alone).test.ts', { cwd: import.meta.dirname }).sort()) await import(`./${file}`);
