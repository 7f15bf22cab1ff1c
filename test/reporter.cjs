// Mocha's spec reporter, which also names the tests that passed only at a second try, and closes with a line that scripts can read:
// `412 passed, 0 failed, 1 skipped`.
const { reporters, Runner } = require('mocha');

module.exports = class Closing extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const again = [];
    runner.on(Runner.constants.EVENT_TEST_RETRY, (test, error) => {
      again.push(`  ${test.fullTitle()}: ${String(error?.message ?? error).split('\n')[0]}`);
    });
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      if (again.length > 0)
        console.log(`${again.length} ${again.length === 1 ? 'test' : 'tests'} needed a second try:\n${again.join('\n')}`);
      console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
    });
  }
};
