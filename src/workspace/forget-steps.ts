/** Bounds what the trees of steps take in a private git dir: files that are written anew in each step would fill the disk. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { namesIn } from '../common/list-names.ts';
import { checkpoint } from './checkpoint.ts';
import { stepsFolder } from './private-git.ts';
import { git } from './run-git.ts';
import type { PrivateGit } from './types.ts';

/** @returns `checkpoint`, which forgets the steps of the attempt but the last one whenever so much was kept since it did so */
export function boundedCheckpoint(attempt: number, mostBytes: number): typeof checkpoint {
  let bytes = 0;
  return async (privateGit, workTree, previousTree, ...rest) => {
    // Now and not behind the one that is too much: only of the previous one it is sure that the journal names it.
    if (bytes > mostBytes) {
      await forgetSteps(privateGit, attempt, previousTree);
      bytes = 0;
    }
    const taken = await checkpoint(privateGit, workTree, previousTree, ...rest);
    bytes += taken.bytes;
    return taken;
  };
}

/** Takes away the files that only trees of an attempt hold which nothing goes back to any more. */
async function forgetSteps(privateGit: PrivateGit, attempt: number, last: string): Promise<void> {
  const { gitDir } = privateGit;
  const folder = stepsFolder(privateGit, attempt);
  for (const name of namesIn(folder)) {
    const ref = join(folder, name);
    if (readFileSync(ref, 'utf8').trim() !== last) rmSync(ref);
  }
  const own = looseObjects(gitDir);
  const asked = [...own.keys()].map((id) => `${id}\n`).join('');
  const told = (await git(['cat-file', '--batch-check=%(objectname) %(objecttype)'], { gitDir, stdin: asked })).toString('latin1');
  const ofType = (type: string) => [...told.matchAll(new RegExp(`^(\\w+) ${type}$`, 'gm'))].map(([, id]) => id!);
  const steps = (await git(['for-each-ref', '--format=%(objectname)', 'refs/steps'], { gitDir })).toString('latin1').split('\n');
  const trees = [last, ...steps.filter(Boolean), ...ofType('commit').map((id) => `${id}^{tree}`)];
  const listed = await git(['rev-list', '--objects', '--no-object-names', '--stdin'], { gitDir, stdin: `${trees.join('\n')}\n` });
  const kept = new Set(listed.toString('latin1').split('\n'));
  for (const id of ofType('blob')) if (!kept.has(id)) rmSync(own.get(id)!, { force: true });
}

/** By id, where each lies. */
function looseObjects(gitDir: string): Map<string, string> {
  const objects = join(gitDir, 'objects');
  const folders = namesIn(objects).filter((name) => /^[0-9a-f]{2}$/.test(name));
  return new Map(
    folders.flatMap((folder) => {
      const names = namesIn(join(objects, folder)).filter((name) => /^([0-9a-f]{38}|[0-9a-f]{62})$/.test(name));
      return names.map((name) => [folder + name, join(objects, folder, name)] as const);
    }),
  );
}
