import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { nameRules } from '../../../src/agent/never-send/name-rules.ts';
import { MASK, neverSend } from '../../../src/agent/never-send/never-send.ts';
import { quick } from '../../quick.ts';

/** Random characters, the same in each run. */
const secret = (of: number | string) =>
  `4Z9${createHash('sha256').update(String(of)).digest('base64url').slice(0, 22).replace(/[-_]/g, 'x')}`;
const rows = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => `${from + at},${secret(from + at)},anna${from + at}@example.org`);
const learned = async (...files: (Buffer | string)[]) => {
  const never = neverSend(nameRules(['*.csv']));
  for (const [at, content] of files.entries()) await never.learnBounded(`${at}.csv`, Buffer.from(content));
  return never;
};

describe('large files that are never sent', () => {
  it('are known by their lines, the words that look secret, and what stands behind names of secrets', async () => {
    const text = [...rows(50_000), 'db_password = "short1"', "api-key: 'two words'", '# a remark that everybody may read'].join('\n');
    const never = await learned(text);
    const line = rows(1, 49_999)[0]!;
    assert.equal(never.mask(line), MASK);
    assert.equal(never.mask(`a.csv:50000:${line}\n50000: ${line}\n`), `a.csv:50000:${MASK}\n50000: ${MASK}\n`);
    assert.equal(never.mask(`say ${secret(777)} and short1 or two words`), `say ${MASK} and ${MASK} or ${MASK}`);
    for (const ordinary of ['say hello to everybody in this house', `${secret('x')}, ${secret('y')}`, '# a remark that everybody may read'])
      assert.equal(never.mask(ordinary), ordinary);
    assert.equal(never.mask(never.mask(`a ${line}`)), never.mask(`a ${line}`));
    assert.deepEqual(Object.keys(never.takeWithheld() ?? {}), ['0.csv']);
    assert.equal(never.withheld('copy.txt', Buffer.from(text)), '0.csv');
  });

  it('in UTF-16, in one line, and where a piece ends', async () => {
    const text = rows(50_000).join('\n');
    const wide = await learned(Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, 'utf16le')]));
    const inOne = await learned(JSON.stringify(rows(50_000)));
    for (const never of [wide, inOne, await learned(text)])
      for (let at = 0; at < 50_000; at += 7) assert.ok(!never.mask(`x ${secret(at)} y`).includes(secret(at)), String(at));
  });

  it('are known by their fields where all of it is one line, as are smaller ones', async () => {
    const people = (count: number) => Array.from({ length: count }, (_, at) => ({ id: at, name: `Anna Person ${at}`, town: 'Some Town' }));
    const sql = (count: number) => `INSERT INTO c VALUES ${people(count).map(({ id, name }) => `(${id},'${name}','Town')`)};`;
    for (const count of [300, 50_000]) {
      const never = await learned(JSON.stringify(people(count)), sql(count));
      const shown = `${JSON.stringify(people(50)).slice(0, 900)}\n${sql(50).slice(0, 900)})`;
      const masked = never.mask(shown);
      assert.doesNotMatch(masked, /Anna Person \d/, String(count));
      assert.match(masked, /^\[\{\[withheld\]\},\{/);
      const ordinary = '{"id":0,"name":"Berta","town":"Elsewhere in town"} and (0, 1, 2)';
      assert.equal(never.mask(ordinary), ordinary);
    }
  });

  it('behind files that were learned in full are known too, and what is not in them is not taken for it', async () => {
    const never = await learned(...Array.from({ length: 9 }, (_, at) => rows(20_000, at * 20_000).join('\n')));
    for (let at = 0; at < 180_000; at += 997) assert.ok(!never.mask(`x ${secret(at)}`).includes(secret(at)), String(at));
    const others = Array.from({ length: 20_000 }, (_, at) => secret(`other ${at}`)).join('\n');
    assert.ok(never.mask(others).split(MASK).length < 5);
  });

  it('take a time that their size bounds, whatever they hold', async () => {
    const size = 8 * 2 ** 20;
    for (const sign of ['a', ' ', '\n', 'password="', "token=aB3&<>'x\n", 'key'])
      await quick(() => learned(sign.repeat(size / sign.length)), sign);
  }).timeout(60_000);
});
