import assert from 'node:assert/strict';
import { finish, makeWorld, run, task, type World } from '../e2e/world.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import type { Turn } from '../fakes/kimi/scenario.ts';

export const BRANCH = 'feature/hostile';

/** A command that the courtesy blocklist cannot read, so that only the sandbox stands against it. */
export const sneaky = (script: string): Turn => run(`echo ${Buffer.from(script).toString('base64')} | base64 -d | bash`);

/**
 * A hostile model: plays its turns, one a step, then finishes. The repository is made by `world.ts`.
 * @param keep takes each world before its turns are written, which may speak of it
 */
export function hostilePlay(keep: (world: World) => void) {
  return async (turns: (world: World) => readonly Turn[], options: Parameters<typeof makeWorld>[1] = {}): Promise<void> => {
    let script: readonly Turn[] = [];
    const world = await makeWorld(({ step }) => script[step] ?? finish(), options);
    keep(world);
    script = turns(world);
  };
}

export function delegate(world: World, more: Record<string, unknown> = {}): Promise<string> {
  return world.server.call('implement_feature', task(world, BRANCH, more));
}

/** Delegates, and holds that the user's repository is byte for byte what it was but for the one branch. */
export async function delegateUntouched(world: World, more: Record<string, unknown> = {}): Promise<string> {
  const before = await userFiles(world);
  const report = await delegate(world, more);
  assert.deepEqual(await userFiles(world), before);
  world.git('-c', 'core.fsmonitor=false', 'fsck', '--no-dangling', '--no-progress'); // git starts a monitor even here
  return report;
}

/** Objects are not among them: adding some is allowed, and `git fsck` of the caller tells whether the old ones are whole. */
function userFiles(world: World): Promise<Record<string, string>> {
  return fingerprint(world.repo, [`.git/refs/heads/${BRANCH}`, `.git/logs/refs/heads/${BRANCH}`]);
}

/** What the tools answered, in order, as the model read it. */
export function toolResults(world: World): string[] {
  const last = world.kimi.requests.at(-1);
  if (!last) return [];
  const { messages } = JSON.parse(last.body.toString()) as { messages: { role: string; content?: string }[] };
  return messages.filter(({ role }) => role === 'tool').map(({ content }) => content ?? '');
}
