import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { attemptFiles, delegationFolder, delegationId } from '../../src/delegation/store/delegation-folder.ts';
import { mergeFolder } from '../../src/workspace/merge-journal.ts';
import { killServer } from '../e2e/moments.ts';
import { finish, makeWorld, read, run, task, type World, write } from '../e2e/world.ts';
import { fingerprint } from '../fakes/fingerprint.ts';
import type { RequestView, Turn } from '../fakes/kimi/scenario.ts';
import { field, type ServerHandle } from '../fakes/mcp-client.ts';
import { until } from '../until.ts';
import { type Disturbance, drawFault, drawKill, numbers, pick, type Random } from './disturbances.ts';

const STEPS = 8;
const OPERATIONS = ['delegate', 'merge', 'discard', 'restore'] as const;
type Operation = (typeof OPERATIONS)[number];
/** Half of all are delegations: they have the most moments. */
const DRAWN: readonly Operation[] = ['delegate', 'delegate', 'delegate', 'merge', 'merge', 'discard', 'restore'];
const ALL_GONE_SECONDS = 5;

export interface Tally {
  /** How often the server died, and how often something else was disturbed, by kind and operation. */
  readonly kills: Record<string, number>;
  readonly faults: Record<string, number>;
  /** What the disturbed calls answered. */
  readonly answers: Record<string, number>;
  /** Disturbances whose moment never came. */
  idle: number;
}

export const blankTally = (): Tally => ({ kills: {}, faults: {}, answers: {}, idle: 0 });

/** As often a model tries again, as it is told when the disk fails under a tool. */
const MOST_IN_VAIN = 4;

/** Files made, edited and moved, and a log that every repeated or forgotten step would show in. */
function turn({ messages }: RequestView): Turn {
  const results = messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));
  const step = results.filter((text) => !text.startsWith('error: ')).length;
  if (step >= STEPS - 1 || results.length - step > MOST_IN_VAIN) return finish();
  const edit = {
    name: 'edit_file',
    args: { path: 'src/part.txt', edits: [{ old_text: `line ${step - 1}\n`, new_text: `line ${step}\n` }] },
  };
  const acts: Turn[] = [
    write('src/part.txt', 'line 0\n'),
    { calls: [edit] },
    run('echo "step 2" >> src/steps.txt'),
    read('src/part.txt'),
    run('echo "step 4" >> src/steps.txt; mkdir -p done; mv src/part.txt done/'),
    write('src/extra.txt', 'extra\n'),
    run('echo "step 6" >> src/steps.txt; cat src/steps.txt'),
  ];
  return { reasoning: `Step ${step}.`, ...acts[step]! };
}

/**
 * Disturbs one operation after the other in one repository, and looks after each: the repository is sound, a merge was made whole or not at
 * all, nothing is left running, locked or mounted, the next call works, and its end is that of an undisturbed run.
 * @returns what did not hold; the repository in which it happened is left for a new one
 */
export async function endure(seed: number, kills: number, faults: number, tally: Tally, tell: (line: string) => void = () => {}) {
  const random = numbers(seed);
  const failures: Error[] = [];
  let life = await openLife();
  try {
    for (let round = 0; round < kills + faults; round++) {
      const operation = pick(random, DRAWN);
      const things = life.things[operation];
      const requests = operation === 'delegate' ? STEPS : 0;
      const disturbance = round < kills ? drawKill(random, things, requests) : drawFault(random, things, requests);
      const at = `seed ${seed}, round ${round}: ${operation}, ${JSON.stringify(disturbance)}`;
      tell(at);
      try {
        await playRound(life, { operation, disturbance, branch: `round/${round}`, at }, random, tally);
      } catch (error) {
        failures.push(error as Error);
        tell(`FAILED ${(error as Error).message}`);
        await life.world.close();
        life = await openLife();
      }
    }
  } finally {
    await life.world.close();
  }
  return failures;
}

interface Round {
  readonly operation: Operation;
  readonly disturbance: Disturbance;
  readonly branch: string;
  /** Words for whoever reads a failure. */
  readonly at: string;
}

interface Life {
  readonly world: World;
  /** The tree of the whole work upon the first commit. */
  readonly tree: string;
  readonly things: Record<Operation, number>;
  server: ServerHandle;
}

async function openLife(): Promise<Life> {
  const world = await makeWorld(turn, { kimi: { thinkMs: ({ step }) => (step % 4 === 3 ? 130 : 5), forgetBodies: true } });
  world.write('src/dirty.txt', 'not committed\n');
  const life: Life = { world, tree: '', things: { delegate: 0, merge: 0, discard: 0, restore: 0 }, server: world.server };
  for (const operation of OPERATIONS) {
    const branch = `never/${operation}`;
    await prepare(life, operation, branch);
    const count = path.join(world.folder, 'count');
    const server = await disturbed(life, { kind: 'die', at: Number.MAX_SAFE_INTEGER });
    await server.client.callTool(callOf(life, operation, branch));
    await server.close();
    await until('the count', () => existsSync(count));
    life.things[operation] = Number(readFileSync(count, 'utf8'));
    rmSync(count);
    assert.ok(life.things[operation] > 3, `${operation}: ${life.things[operation]} things`);
    if (operation === 'delegate') Object.assign(life, { tree: world.git('rev-parse', `${branch}^{tree}`) });
    await tidy(life, branch);
  }
  return life;
}

/** Brings a branch to where the operation can begin. */
async function prepare(life: Life, operation: Operation, branch: string): Promise<void> {
  if (operation === 'delegate') return;
  const report = await life.server.call('implement_feature', task(life.world, branch));
  assert.equal(field(report, 'outcome'), 'unverified', report);
  if (operation === 'restore') await call(life, life.server, 'discard', branch);
}

function callOf({ world }: Life, operation: Operation, branch: string) {
  const where = { repo_path: world.repo, branch_name: branch };
  switch (operation) {
    case 'delegate':
      return { name: 'implement_feature', arguments: task(world, branch) };
    case 'merge':
      return { name: 'merge_delegation', arguments: { ...where, expected_tip: tipOf(world, branch) } };
    case 'discard':
      return { name: 'discard_delegation', arguments: where };
    case 'restore':
      return { name: 'restore_delegation', arguments: where };
  }
}

function call(life: Life, server: ServerHandle, operation: Operation, branch: string): Promise<string> {
  const { name, arguments: args } = callOf(life, operation, branch);
  return server.call(name, args);
}

const tipOf = (world: World, branch: string) => world.git('for-each-ref', '--format=%(objectname)', `refs/heads/${branch}`);

/** A server of its own, to which the disturbance happens. */
function disturbed(life: Life, disturbance: Disturbance): Promise<ServerHandle> {
  const { folder } = life.world;
  const plan = {
    ...disturbance,
    ...(disturbance.kind === 'journal' && { kind: 'die' }),
    folder,
    hung: path.join(folder, 'hung'),
    count: path.join(folder, 'count'),
  };
  return life.world.another({
    env: { DISTURB: JSON.stringify(plan) },
    node: ['--require', path.join(import.meta.dirname, 'disturb.cjs')],
    before: disturbance.kind === 'descriptors' ? ['prlimit', `--nofile=${disturbance.limit}`] : [],
  });
}

async function playRound(life: Life, { operation, disturbance, branch, at }: Round, random: Random, tally: Tally): Promise<void> {
  const { world } = life;
  await prepare(life, operation, branch);
  const ours = [`.git/refs/heads/${branch}`, `.git/logs/refs/heads/${branch}`, '.git/refs/claude-kimi', '.git/packed-refs'];
  const before = await fingerprint(world.repo, ours);
  const head = world.git('rev-parse', 'HEAD');
  const answer = await disturb(life, operation, disturbance, branch);
  const died = answer === null;
  const kinds = disturbance.kind === 'die' || disturbance.kind === 'kill' ? tally.kills : tally.faults;
  count(
    kinds,
    `${disturbance.kind === 'git' ? `git ${disturbance.how}` : disturbance.kind === 'disk' ? disturbance.code : disturbance.kind}, ${operation}`,
  );
  count(tally.answers, died ? 'died' : (field(answer, 'outcome') ?? answer.slice(0, 60)));
  if (!died) assert.ok(field(answer, 'outcome'), `${at}\nno outcome: ${answer}`);
  await assertMendedByNextCall(life, at);
  await assertNothingLeft(world, at);
  if (disturbance.kind === 'journal') damageJournal(world, branch, disturbance.how, random);

  world.git('fsck', '--strict', '--no-dangling', '--connectivity-only');
  const stands = world.git('rev-parse', 'HEAD');
  if (stands === head) assert.deepEqual(await fingerprint(world.repo, ours), before, `${at}\n${answer}`);
  else assertMerged(life, operation, head, at);

  await assertGoesOn(life, operation, branch, head, `${at}\nanswered: ${answer}`);
  world.git('fsck', '--strict', '--no-dangling', '--connectivity-only');
  await tidy(life, branch);
  assert.equal(world.git('for-each-ref', `refs/heads/${branch}`), '', at);
  await assertNothingLeft(world, at);
}

/** @returns the answer, or null when the server died */
async function disturb(life: Life, operation: Operation, disturbance: Disturbance, branch: string): Promise<string | null> {
  const { world } = life;
  const hung = path.join(world.folder, 'hung');
  rmSync(hung, { force: true });
  const asked = world.kimi.requests.length;
  let server: ServerHandle;
  try {
    server = await disturbed(life, disturbance);
  } catch {
    return null; // it did not even come to the handshake
  }
  const cancel = new AbortController();
  const { name, arguments: args } = callOf(life, operation, branch);
  const answer = server.call(name, args, { signal: cancel.signal }).catch((error: Error) => {
    if (/closed|abort|cancel/i.test(error.message)) return null;
    return `${error.name}: ${error.message}`;
  });
  if (disturbance.kind === 'kill') {
    await Promise.race([world.kimi.arrived(asked + disturbance.request), answer]);
    await pause(disturbance.afterMs);
    await killServer(server);
  }
  if (disturbance.kind === 'git' && disturbance.how === 'hangs') {
    const settled = answer.then(() => true);
    await Promise.race([settled, until('git to hang', () => existsSync(hung), 60)]);
    // The user's Esc; a server that is asked to end at the same time would hide what this alone must do.
    cancel.abort();
  }
  const text = await answer;
  await server.close();
  return text;
}

/**
 * A merge that broke off half-way holds the lock of the index, so that no git commits a half of it; the next call, whichever it is, finishes
 * or undoes it. Without that lock the files are those of the index.
 */
async function assertMendedByNextCall({ world, server }: Life, at: string): Promise<void> {
  const gitDir = path.join(world.repo, '.git');
  const { root } = mergeFolder(gitDir);
  if (!existsSync(root)) return;
  await until('git to let go of HEAD', () => !existsSync(path.join(gitDir, 'HEAD.lock')), ALL_GONE_SECONDS);
  if (!existsSync(path.join(gitDir, 'index.lock'))) assert.equal(world.git('diff', '--name-only'), '', at);
  await server.call('get_delegation', { repo_path: world.repo });
  assert.equal(existsSync(root), false, `${at}: the merge that broke off is still there`);
}

/** Everything that belongs to the world, but this process and the server that stays. */
async function assertNothingLeft(world: World, at: string): Promise<void> {
  const left = () => [...processesOf(world), ...mountsOf(world), ...locksOf(world)];
  await until('', () => left().length === 0, ALL_GONE_SECONDS).catch(() => assert.deepEqual(left(), [], at));
}

function processesOf(world: World): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid || Number(pid) === world.server.pid) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (line === '') return [];
      const at = readlinkSync(`/proc/${pid}/cwd`);
      return line.includes(world.folder) || at.startsWith(world.folder) ? [`process ${pid}: ${line}`] : [];
    } catch {
      return [];
    }
  });
}

const mountsOf = (world: World) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(world.folder));

function locksOf(world: World): string[] {
  const files = execFileSync('find', [path.join(world.repo, '.git'), '-name', '*.lock'], { encoding: 'utf8' });
  return files.split('\n').filter(Boolean);
}

/** A merge is whole or not there: HEAD one commit further with the whole work, the checkout like it, what was dirty untouched. */
function assertMerged(life: Life, operation: Operation, before: string, at: string): void {
  const { world, tree } = life;
  assert.equal(operation, 'merge', `${at}: HEAD moved`);
  assert.equal(world.git('rev-parse', 'HEAD^1'), before, at);
  assert.equal(world.git('rev-parse', 'HEAD^{tree}'), tree, at);
  assert.equal(world.git('status', '--porcelain', '--untracked-files=all'), '?? src/dirty.txt', at);
}

/** The next call of an undisturbed server does what was asked. */
async function assertGoesOn(life: Life, operation: Operation, branch: string, head: string, at: string): Promise<void> {
  const { world, tree } = life;
  if (operation === 'delegate') {
    const report = await call(life, life.server, 'delegate', branch);
    assert.equal(field(report, 'outcome'), 'unverified', `${at}\n\n${report}`);
    assert.equal(world.git('diff', tree, `${branch}^{tree}`), '', `${at}\n\n${report}`);
    assert.equal(world.git('rev-parse', `${branch}^`), head, at);
    return;
  }
  if (operation === 'merge') {
    if (world.git('rev-parse', 'HEAD') === head) {
      const report = await call(life, life.server, 'merge', branch);
      assert.equal(field(report, 'outcome'), 'merged', `${at}\n\n${report}`);
    }
    assertMerged(life, operation, head, at);
    assert.ok((await life.server.call('get_delegation', { repo_path: world.repo })).includes(`\n  ${branch}  merged  `), at);
    return;
  }
  const gone = tipOf(world, branch) === '';
  if (operation === 'discard' && !gone) {
    const report = await call(life, life.server, 'discard', branch);
    assert.equal(field(report, 'outcome'), 'discarded', `${at}\n\n${report}`);
  }
  if (operation === 'discard' || gone) {
    const report = await call(life, life.server, 'restore', branch);
    assert.equal(field(report, 'outcome'), 'restored', `${at}\n\n${report}`);
  }
  assert.equal(world.git('rev-parse', `${branch}^{tree}`), tree, at);
}

/** Back to the first commit, without the branch. */
async function tidy({ world, server }: Life, branch: string): Promise<void> {
  const first = world.git('rev-list', '--max-parents=0', 'HEAD');
  if (world.git('rev-parse', 'HEAD') !== first) world.git('reset', '-q', '--hard', first);
  if (tipOf(world, branch) !== '') await server.call('discard_delegation', { repo_path: world.repo, branch_name: branch });
}

/** As a machine leaves it that lost its power: what was written last, and was not sent to the disk, is missing, zeros, or something else. */
function damageJournal(world: World, branch: string, how: string, random: Random): void {
  const id = delegationId(path.join(world.repo, '.git'), branch);
  const file = attemptFiles(delegationFolder(world.state, id), 1).journal;
  if (!existsSync(file)) return;
  const bytes = readFileSync(file);
  const last = Math.max(...['hand_back', 'end'].map((type) => bytes.lastIndexOf(`"type":"${type}"`)));
  const synced = last < 0 ? 0 : bytes.indexOf('\n', last) + 1;
  const at = synced + Math.floor(random() * (bytes.length - synced));
  if (how === 'cut') truncateSync(file, at);
  if (how === 'emptied') truncateSync(file, synced);
  if (how === 'zeros') writeFileSync(file, Buffer.concat([bytes.subarray(0, at), Buffer.alloc(bytes.length - at)]));
  if (how === 'noise') {
    for (let i = at; i < Math.min(bytes.length, at + 64); i++) bytes[i] = Math.floor(random() * 256);
    writeFileSync(file, bytes);
  }
  if (how === 'line lost') {
    const lines = bytes.subarray(synced).toString().split('\n');
    lines.splice(Math.floor(random() * lines.length), 1);
    writeFileSync(file, bytes.subarray(0, synced).toString() + lines.join('\n'));
  }
}

const count = (counts: Record<string, number>, name: string) => {
  counts[name] = (counts[name] ?? 0) + 1;
};
