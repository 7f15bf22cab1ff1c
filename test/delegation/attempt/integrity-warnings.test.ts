import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askedBy } from '../../../src/checks/integrity/asked.ts';
import { judgeCommit } from '../../../src/delegation/attempt/integrity-warnings.ts';
import { readChange } from '../../../src/workspace/read-change.ts';
import { makeWorld, open, type World } from '../../workspace/world.ts';

const TEST = "test('a', () => {\n  expect(a).toBe(1);\n});\n";

describe('the warnings of a commit', () => {
  let world: World;
  before(async () => {
    world = await makeWorld();
    await world.write('test/a.test.ts', TEST);
    await world.write('test/wide.test.ts', Buffer.from(`\ufeff${TEST}`, 'utf16le'));
    await world.write('test/old.test.ts', `${TEST}// moves\n// with\n// all its lines\n`);
    await world.write('docs/ä ö.md', 'a\n');
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'tests');
  });
  after(() => world.remove());

  /** What changed since `HEAD`, committed beside it. */
  async function judged(files: Readonly<Record<string, string | Uint8Array | null>>): Promise<string[]> {
    const base = (await world.git('rev-parse', 'HEAD')).trim();
    for (const [path, content] of Object.entries(files))
      await (content === null ? world.git('rm', '-q', path) : world.write(path, content));
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'work');
    const tip = (await world.git('rev-parse', 'HEAD')).trim();
    await world.git('reset', '-q', '--hard', base);
    const repository = await open(world);
    const { files: changed } = await readChange(repository, base, tip);
    const found = await judgeCommit(repository, base, tip, changed, askedBy([], []));
    return found.map(({ level, text, place }) => `${level} ${place.file}${place.line ? `:${place.line}` : ''} ${text.code}`).sort();
  }

  it('tell that files of more lines than anybody writes were not looked at, in a time that nobody notices', async () => {
    const lines = '\n'.repeat(900_000);
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`src/${at}.js`, `// ${at}${lines}`]));
    const begin = performance.now();
    assert.deepEqual(await judged({ ...files, 'src/z.js': '\n'.repeat(100_000) }), ['blocking src/0.js integrity.unread']);
    assert.ok(performance.now() - begin < 5000);
  });

  it('tell of files that are new, changed, deleted, moved, in UTF-16 or no text', async () => {
    const off = TEST.replace('test(', 'test.skip(');
    assert.deepEqual(
      await judged({
        'test/a.test.ts': off,
        'test/wide.test.ts': Buffer.from(`\ufeff${off}`, 'utf16le'),
        'test/old.test.ts': null,
        'test/new.test.ts': `${TEST}// moves\n// with\n// all its lines\n`,
        '.github/workflows/ci.yml': 'on: push\n',
        'docs/ä ö.md': 'a \u202e\n',
        'deploy/.env': 'A=1\n',
        'deploy/.env.example': 'A=\n',
        'logo.png': new Uint8Array([137, 80, 0, 1, 2]),
        'bin/new': Buffer.from('#!/bin/sh\n# \0\nrm -rf ~\n'),
      }),
      [
        'blocking .github/workflows/ci.yml:1 integrity.ci',
        'blocking bin/new integrity.textAsBinary',
        'blocking deploy/.env integrity.secretFile',
        'blocking docs/ä ö.md:1 integrity.reordered',
        'blocking test/a.test.ts:1 integrity.testsOff',
        'blocking test/wide.test.ts:1 integrity.testsOff',
        'note logo.png integrity.binary',
      ],
    );
  });

  it('tell of programs of which no diff shows a line: beyond what git compares, with a NUL or in UTF-16 beyond what is read', async () => {
    const comment = '// data\n';
    assert.deepEqual(
      await judged({
        'src/large.js': comment.repeat(1_200_000),
        'src/nul.js': `// \0\n${comment.repeat(150_000)}`,
        'wide.ps1': Buffer.from(`\ufeff${'# data\n'.repeat(190_000)}`, 'utf16le'),
        'shown.js': comment.repeat(150_000),
        'film.mp4': new Uint8Array(2_000_000),
      }),
      [
        'blocking src/large.js integrity.notShown',
        'blocking src/nul.js integrity.notShown',
        'blocking wide.ps1 integrity.notShown',
        'note film.mp4 integrity.large',
        'note shown.js integrity.large',
      ],
    );
  });

  it('tell of files whose names hold line breaks', async () => {
    await world.write('test/odd\nname.test.ts', TEST);
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'odd');
    const found = await judged({ 'test/odd\nname.test.ts': TEST.replace('test(', 'test.skip(') });
    assert.deepEqual(found, ['blocking test/odd\nname.test.ts:1 integrity.testsOff']);
  });

  it('tell of files whose names are no UTF-8, of those that read alike as of what was not read', async () => {
    const odd = (...bytes: number[]) =>
      Buffer.concat([Buffer.from(join(world.repo, 'test/odd-')), Buffer.of(...bytes), Buffer.from('.test.ts')]);
    await writeFile(odd(0xff), TEST);
    await world.git('add', '-A');
    await world.git('commit', '-q', '-m', 'odd');
    await writeFile(odd(0xff), TEST.replace('test(', 'test.skip('));
    assert.deepEqual(await judged({}), ['blocking test/odd-\ufffd.test.ts:1 integrity.testsOff']);
    await writeFile(odd(0xef, 0xbf, 0xbd), TEST); // a sound name, which the other reads like
    const fake = await judged({});
    assert.ok(fake.length > 0 && fake.every((line) => line === 'blocking test/odd-\ufffd.test.ts integrity.unread'), fake.join('\n'));
    for (const byte of [0xff, 0xfe]) await writeFile(odd(byte), TEST.replace('test(', 'test.skip('));
    const alike = await judged({});
    assert.ok(alike.length > 0 && alike.every((line) => line === 'blocking test/odd-\ufffd.test.ts integrity.unread'), alike.join('\n'));
  });

  it('are not kept from being found by junk that is more than is read: what the base had is looked at first, and the rest is told', async () => {
    const junk = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`a${n}.txt`, `${n}${'x'.repeat(1000)}\n`.repeat(900)]));
    const found = await judged({ ...junk, 'test/a.test.ts': null });
    assert.ok(found.includes('blocking test/a.test.ts integrity.testsDeleted'), found.join('\n'));
    assert.ok(
      found.some((line) => line.startsWith('blocking a') && line.endsWith('integrity.unread')),
      found.join('\n'),
    );
  });
});
