import assert from 'node:assert/strict';
import { idleChecks, passesAlways } from '../../src/checks/idle-checks.ts';

describe('checks that pass whatever the code is', () => {
  for (const [command, isIdle] of [
    ['true', true],
    [':', true],
    ['echo ok', true],
    ["printf '# pass 3\\n'", true],
    ['exit 0', true],
    ['echo one && echo two', true],
    ['npm test || true', true],
    ['npm test; exit 0', true],
    ['npm test\ntrue', true],
    ['(npm test) || echo "some fail"', true],
    ['', false],
    ['false', false],
    ['! true', false],
    ['exit 1', false],
    ['exit', false],
    ['npm test', false],
    ['npm test && echo ok', false],
    ['echo begin && npm test', false],
    ['echo begin; npm test', false],
    ['true | npm test', false],
    ['echo $(npm test)', false],
    ['npm test || true && npm run lint', false],
    ['test -f done.txt', false],
    ['true &', false],
  ] as const)
    it(`${isIdle ? 'one' : 'none'}: ${JSON.stringify(command)}`, () => assert.equal(passesAlways(command), isIdle));

  const files = new Map([
    ['package.json', '{"scripts":{"test":"echo ok","pretest":"true","real":"node --test","around":"npm run real","posttest":":"}}'],
    ['web/package.json', '{"scripts":{"test":"node --test"}}'],
    ['Makefile', 'test:\n\t@echo ok\ncheck: build\n\t@true\nbuild:\n\tcc -c a.c\n'],
  ]);
  const read = async (paths: readonly string[]) => new Map([...files].filter(([path]) => paths.includes(path)));

  it('are followed into the scripts and recipes of the base', async () => {
    const given = [
      'npm test',
      'npm run test',
      'npm t',
      'npm run real',
      'npm run around',
      'npm run missing',
      'make test',
      'make check',
      'true',
    ];
    assert.deepEqual([...(await idleChecks(given, '', read))], ['npm test', 'npm run test', 'npm t', 'make test', 'true']);
    assert.deepEqual([...(await idleChecks(['npm test', 'make test'], 'web', read))], []);
  });
});
