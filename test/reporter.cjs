// Mocha's spec reporter, with a closing line that scripts can read: `412 passed, 0 failed, 1 skipped`.
const { reporters, Runner } = require('mocha');

module.exports = class Closing extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
    });
  }
};
