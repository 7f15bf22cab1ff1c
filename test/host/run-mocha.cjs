// Runs mocha inside the extension host of VS Code, where the console is the only way out.
const { pathToFileURL } = require('node:url');

/** Comes first in every line of the report: VS Code mixes them with its own log and the extensions'. `run-tests.ts` knows it too. */
const TAG = '[inside]';

/**
 * @param {{ files: string[], mocha: string, grep?: string, timeout: number }} options
 * `files` are bundled test files, `mocha` is the path of mocha's main file, `timeout` is in milliseconds for each test
 * @returns {Promise<void>} @throws Error when a test failed or none was found: VS Code turns it into exit code 1
 */
exports.runMocha = async ({ files, mocha, grep, timeout }) => {
  // `import` of mocha, which is an ES module: the editor of an older VS Code cannot `require` one
  const { default: Mocha } = await import(pathToFileURL(mocha).href);
  const runner = new Mocha({ ui: 'bdd', timeout, reporter: report, ...(grep && { grep: new RegExp(grep) }) });
  for (const file of files) runner.addFile(file);
  const { passes, failures } = await new Promise((resolve) => {
    const run = runner.run(() => resolve(run.stats));
  });
  if (failures > 0) throw new Error(`${failures} of the tests in the extension host failed.`);
  if (passes === 0) throw new Error('No test ran in the extension host. Check the path of the tests and grep.');
};

const say = (line) => console.log(TAG, line);

/** One line for each result, as it comes; failures with their stack. */
function report(runner) {
  const depth = (test) => test.titlePath().length - 1;
  runner.on('suite', (suite) => suite.title && say(`${'  '.repeat(depth(suite))}${suite.title}`));
  runner.on('pass', (test) => say(`${'  '.repeat(depth(test))}✔ ${test.title} (${test.duration} ms)`));
  runner.on('pending', (test) => say(`${'  '.repeat(depth(test))}- ${test.title}`));
  runner.on('fail', (test, error) => say(`${'  '.repeat(depth(test))}✘ ${test.title}\n${error.stack ?? error}`));
  runner.once('end', () => say(`${runner.stats.passes} passed, ${runner.stats.failures} failed, ${runner.stats.pending} skipped`));
}
