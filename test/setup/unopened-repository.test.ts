import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { consentFor } from '../../src/broker/consent.ts';
import { foldersHere } from '../../src/cli/setup/folders-here.ts';
import { privacyStep } from '../../src/setup/privacy-step.ts';
import { gitIn, makeRepository } from '../e2e/world.ts';
import { playContext, playUser } from './played-user.ts';

describe('a word about the repository that a terminal stands in', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ckm-word-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function decide(cwd: string, word: 'allow' | 'deny' | 'ask'): Promise<Record<string, unknown>> {
    const context = playContext(playUser([]), { home: folder, folders: await foldersHere(cwd), answers: { repositories: word } });
    assert.equal(await privacyStep(context), 'done');
    return context.stored.repositories as Record<string, unknown>;
  }

  const REFUSED: Readonly<Record<string, (repository: string) => void>> = {
    'a link among its logs': (at) => {
      mkdirSync(path.join(at, '.git/logs'), { recursive: true });
      rmSync(path.join(at, '.git/logs/HEAD'), { force: true });
      symlinkSync(path.join(folder, 'x'), path.join(at, '.git/logs/HEAD'));
    },
    'no commit yet': (at) => {
      rmSync(at, { recursive: true });
      mkdirSync(at);
      gitIn(at, 'init', '-q');
    },
    'a .git that is none': (at) => {
      rmSync(path.join(at, '.git'), { recursive: true });
      writeFileSync(path.join(at, '.git'), 'nothing\n');
    },
  };
  for (const [name, spoil] of Object.entries(REFUSED))
    it(`is about that one, and not about all, where git is not asked (${name})`, async () => {
      const [repository, other] = [path.join(folder, 'repo'), path.join(folder, 'other')];
      for (const each of [repository, other]) makeRepository(each);
      spoil(repository);
      mkdirSync(path.join(repository, 'src'), { recursive: true });
      for (const cwd of [path.join(repository, 'src'), repository]) {
        const decided = await decide(cwd, 'allow');
        assert.deepEqual([consentFor(decided, repository), consentFor(decided, other)], ['granted', 'ask'], JSON.stringify(decided));
      }
    });

  it('is about all in a folder that lies in none', async () => {
    assert.deepEqual(await decide(folder, 'deny'), { '*': 'deny' });
  });
});
