/** Nothing of where tools keep credentials is shown, and what programs need beside it is: for both walls, made of one description. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findHostFolders } from '../../src/sandbox/host-folders.ts';
import { deepestAround, type Mount } from '../../src/sandbox/mounts.ts';
import { ECOSYSTEMS } from './ecosystems.ts';

function isShown(path: string, mounts: readonly Mount[]): boolean {
  const standing = mounts.find(({ at }) => at === path) ?? deepestAround(path, mounts);
  return standing?.kind === 'read-only' || standing?.kind === 'writable';
}

describe('credentials of toolchains', () => {
  for (const [name, { secret, shown }] of Object.entries(ECOSYSTEMS)) {
    for (const platform of ['linux', 'darwin'] as const) {
      it(`are not shown, programs are: ${name}, ${platform}`, () => {
        const home = realpathSync(mkdtempSync(join(tmpdir(), 'home-')));
        try {
          for (const [path, content] of [...Object.entries(secret), ...shown.map((path) => [path, 'program'] as const)]) {
            mkdirSync(dirname(join(home, path)), { recursive: true });
            writeFileSync(join(home, path), content);
          }
          const { lent, covers } = findHostFolders({ HOME: home, PATH: '/usr/bin:/bin' }, [], [], platform);
          // A cover of the home itself is there for what shows through around it; what is lent stands above it.
          const mounts = [...covers, ...lent];
          const leaks = Object.keys(secret).filter((path) => isShown(join(home, path), mounts));
          assert.deepEqual(leaks, []);
          const missing = shown.filter((path) => !isShown(join(home, path), mounts));
          assert.deepEqual(missing, []);
        } finally {
          rmSync(home, { recursive: true });
        }
      });
    }
  }
});
