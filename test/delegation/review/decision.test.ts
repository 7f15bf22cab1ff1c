import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { noteBrokenMerge } from '../../../src/delegation/review/decision.ts';
import { discardDelegation, stateOfAttempts } from '../../../src/delegation/review/discard-delegation.ts';
import {
  attemptFiles,
  delegationFolder,
  delegationId,
  readAttempts,
  readDisposition,
  writeResult,
} from '../../../src/delegation/store/delegation-folder.ts';
import { mergedRef } from '../../../src/workspace/hidden-refs.ts';
import { english } from '../../messages/english.ts';
import { makeWorld, open, put, type World } from '../../workspace/world.ts';
import { sampleResult, sampleStart } from '../sample-result.ts';

describe('unfinished work that somebody agreed to discard', () => {
  it('stays where it went on meanwhile, which no commit tells', async () => {
    const world = await makeWorld();
    const repository = await open(world);
    const stateDir = join(world.root, 'state');
    const folder = delegationFolder(stateDir, delegationId(repository.commonDir, 'kimi/work'));
    const begin = (number: number) => put(attemptFiles(folder, number).journal, `${JSON.stringify({ ...sampleStart(), at: 0 })}\n`);
    await begin(1);
    const seen = stateOfAttempts(readAttempts(folder));
    const discard = () => discardDelegation({ repository, stateDir, branch: 'kimi/work', now: () => 0 }, { expectedTip: null, seen });
    writeResult(attemptFiles(folder, 1).folder, sampleResult());
    const ended = await discard();
    assert.match(ended.ok ? '' : english(ended.reason), /was worked on meanwhile/);
    await rm(join(attemptFiles(folder, 1).folder, 'result.json'));
    await begin(2);
    assert.equal((await discard()).ok, false);
    assert.equal(readDisposition(folder), null);
    await rm(attemptFiles(folder, 2).folder, { recursive: true });
    assert.equal((await discard()).ok, true);
    await world.remove();
  });
});

describe('a merge that was killed before it was noted', () => {
  let world: World;
  beforeEach(async () => {
    world = await makeWorld();
  });
  afterEach(() => world.remove());

  it('is noted by its mark, which goes then: it would tell of a later delegation of the branch, too', async () => {
    const folder = delegationFolder(join(world.root, 'state'), 'id');
    await put(folder.identity, '{}');
    const head = (await world.git('rev-parse', 'HEAD')).trim();
    await world.git('update-ref', mergedRef(folder.id), head);
    const context = { repository: await open(world), branch: 'kimi/work', now: () => 0 };
    await noteBrokenMerge(context, folder, []);
    const noted = readDisposition(folder);
    assert.deepEqual([noted?.state, noted?.branch, noted?.into], ['merged', 'kimi/work', 'main']);
    assert.equal(await world.git('for-each-ref', 'refs/claude-kimi'), '');
  });
});
