import assert from 'node:assert/strict';
import { prove } from '../../../src/delegation/attempt/prove.ts';
import { tests } from '../../mcp/sample-report.ts';
import { type Files, makeProofWorld, type Play } from './proof-world.ts';

describe('small faults in what new tests run', () => {
  let world: Awaited<ReturnType<typeof makeProofWorld>>;
  before(async () => {
    world = await makeProofWorld();
  });
  after(() => world.remove());

  const inside = (...claims: readonly string[]) =>
    `\n#[cfg(test)]\nmod tests {\n${claims.map((claim, at) => `    #[test]\n    fn t${at}() {\n        ${claim};\n    }\n`).join('')}}\n`;
  const LESS = 'assert!(net(10) < 10)';
  const SIX = 'assert_eq!(fees(3), 6)';
  const FOUR = 'assert_eq!(net(5), 4)';
  const PRICE = 'pub fn net(gross: i32) -> i32 {\n    gross - 1\n}\n';
  const FEES = 'pub fn fees(count: i32) -> i32 {\n    count * 2\n}\n';
  const LIB = 'pub mod price;\n';
  const WITH_FEES = `${LIB}pub mod fees;\n`;
  const BASE: Files = {
    'Cargo.toml': '[package]\n',
    'src/lib.rs': LIB,
    'src/price.rs': PRICE,
    'tests/price.rs': `#[test] fn a() { ${LESS} }\n`,
  };
  const outside = (claim: string) => `#[test]\nfn new() {\n    ${claim};\n}\n`;

  /** Cargo: what is declared must be there, and a test notices a fault that it claims something of. */
  const cargo: Play = (files) => {
    const all = [...files].filter(([path]) => path.endsWith('.rs')).map(([, text]) => text.replaceAll(' /**/ ', ' '));
    const lib = files.get('src/lib.rs') ?? '';
    const code = all.join('\n');
    const isMissing =
      (/^mod tests;/m.test(lib) && !files.has('src/tests.rs')) ||
      (code.includes('fees(3)') && !/fn fees/.test(code)) ||
      !/fn net/.test(code);
    if (isMissing) return { run: tests(0, 0, { exitCode: 101, counts: null }), output: 'error[E0425]: cannot find function' };
    const claims = { [SIX]: 'count * 2', [FOUR]: 'gross - 1' };
    const isWrong = Object.entries(claims).some(([claim, right]) => code.includes(claim) && !code.includes(`\n    ${right}\n`));
    return { run: isWrong ? tests(1, 1) : tests(2, 0) };
  };

  const FEATURES: Readonly<Record<string, Files>> = {
    'in their own file': { 'src/lib.rs': WITH_FEES, 'src/fees.rs': FEES, 'tests/fees.rs': outside(SIX) },
    'in the new source, and in a file': { 'src/lib.rs': WITH_FEES, 'src/fees.rs': FEES + inside(SIX), 'tests/fees.rs': outside(SIX) },
    'in another source, which had none': { 'src/lib.rs': WITH_FEES + inside(SIX), 'src/fees.rs': FEES },
    'in a new source that is no other': {
      'src/lib.rs': `${WITH_FEES}mod more;\n`,
      'src/more.rs': inside(SIX),
      'src/fees.rs': FEES,
      'tests/fees.rs': outside(SIX),
    },
    'in a module that is a file': {
      'src/lib.rs': `${WITH_FEES}#[cfg(test)]\nmod tests;\n`,
      'src/tests.rs': outside(SIX),
      'src/fees.rs': FEES,
      'tests/fees.rs': outside(SIX),
    },
    'in an example': {
      'src/lib.rs': WITH_FEES,
      'src/fees.rs': `/// \`\`\`\n/// ${SIX};\n/// \`\`\`\n${FEES}${inside('assert!(fees(3) > 0)')}`,
      'tests/fees.rs': outside(SIX),
    },
  };
  for (const [where, files] of Object.entries(FEATURES))
    it(`are noticed by new tests of Rust ${where}, and not by those of the base`, async () => {
      const proof = await prove('feature', await world.parts(BASE, files, cargo));
      assert.ok(proof?.mutants && 'caught' in proof.mutants && proof.mutants.caught > 0, JSON.stringify(proof));
    });

  it('are noticed by tests that were written into sources of Rust', async () => {
    const unit = { 'tests/price.rs': BASE['tests/price.rs']!, 'src/price.rs': PRICE + inside(FOUR) };
    const beside = { 'src/lib.rs': LIB + inside(FOUR) };
    for (const files of [unit, beside]) {
      const proof = await prove('tests', await world.parts(BASE, files, cargo));
      assert.ok(proof?.mutants && 'caught' in proof.mutants && proof.mutants.caught > 0, JSON.stringify(proof));
    }
  });

  it('count for nothing where tests notice them by the clock', async () => {
    const files = { 'src/lib.rs': WITH_FEES, 'src/fees.rs': FEES, 'tests/fees.rs': outside('assert!(fees(3) > 0)') };
    for (const lot of [true, false]) {
      let isOver = false;
      const parts = await world.parts(
        BASE,
        files,
        (_, { how }) => {
          const fails = how === 'mutant 1 of 5' || (isOver && !lot);
          isOver ||= how.includes('mutant 1');
          return { run: fails && !how.includes('nothing') ? tests(1, 1, { exitCode: 101 }) : tests(2, 0) };
        },
        { lot: () => lot },
      );
      assert.deepEqual((await prove('tests', parts))?.mutants, { notShown: 'by_chance' });
    }
  });

  it('count for nothing where the tests of the base in a source notice them, too', async () => {
    const base = { ...BASE, 'src/lib.rs': LIB + inside(FOUR) };
    const files = { 'src/lib.rs': LIB + inside(FOUR, 'assert_eq!(net(6), 5)') };
    assert.deepEqual((await prove('tests', await world.parts(base, files, cargo)))?.mutants, { notShown: 'known' });
  });

  it('are not tried where no single tests are told, which is another thing than none', async () => {
    const shell = { 'net.sh': 'echo $(($1 - 1))\n', 'tests/less.sh': '[ "$(sh net.sh 10)" -lt 10 ]\n' };
    const shown = async (files: Files) => (await prove('tests', await world.parts(shell, files, () => ({ run: tests(1, 0) }))))?.mutants;
    assert.deepEqual(await shown({ 'tests/now.sh': '[ "$(sh net.sh 5)" = 4 ]\n' }), { notShown: 'not_counted' });
    assert.deepEqual(await shown({ 'NOTES.md': 'The fee is 1.\n' }), { notShown: 'no_tests' });
  });
});
