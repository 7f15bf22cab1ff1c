// Mocha's spec reporter, which also names the tests that passed only at a second try and the files that took longest, and closes with a line
// that scripts can read: `412 passed, 0 failed, 1 skipped`. When several runs follow each other in one process, those with the option `goesOn` leave that to the next.
const path = require('node:path');
const { reporters, Runner } = require('mocha');

/** Only a run that takes longer, in seconds, is worth the lines that say of what. */
const LONG_RUN = 300;
const SLOWEST = 12;
/** Of the reason for a second try: a report of a delegation has its reason in the second. */
const REASON_LINES = 8;

const sum = { passes: 0, failures: 0, pending: 0, duration: 0 };
const failures = [];
const again = [];
/** Seconds that the tests of each file took. What their hooks took is not told to a reporter. */
const seconds = new Map();

module.exports = class Closing extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.on(Runner.constants.EVENT_TEST_RETRY, (test, error) => {
      const said = String(error?.message ?? error)
        .split('\n')
        .slice(0, REASON_LINES);
      again.push(`  ${test.fullTitle()}: ${said.join('\n    ')}`);
    });
    runner.on(Runner.constants.EVENT_TEST_END, ({ file, duration = 0 }) => {
      const name = file ? path.relative(process.cwd(), file) : 'unknown';
      seconds.set(name, (seconds.get(name) ?? 0) + duration / 1000);
    });
  }

  // Where files run side by side, it is called at the first one that cannot be loaded, and others may follow.
  epilogue() {}

  done(failed, end) {
    this.close();
    end(failed);
  }

  close() {
    for (const what of Object.keys(sum)) sum[what] += this.stats[what];
    failures.push(...this.failures);
    if (this.options.reporterOptions?.goesOn) return;
    Object.assign(this.stats, sum);
    this.failures = failures;
    super.epilogue();
    if (again.length > 0) console.log(`${again.length} ${again.length === 1 ? 'test' : 'tests'} needed a second try:\n${again.join('\n')}`);
    if (sum.duration / 1000 > LONG_RUN) console.log(`longest:\n${longest()}`);
    console.log(`${sum.passes} passed, ${sum.failures} failed, ${sum.pending} skipped`);
  }
};

function longest() {
  const files = [...seconds].sort(([, a], [, b]) => b - a).slice(0, SLOWEST);
  return files.map(([name, took]) => `  ${took.toFixed(0).padStart(4)} s  ${name}`).join('\n');
}
