import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests } from '@vscode/test-electron';
import { bundleInsideTests } from './inside-tests.ts';
import { writeThrowaway } from './throwaway-extension.ts';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const REPOSITORY = path.join(HERE, '..', '..');
/** Tests of our own extension, which run in its extension host; `inside.test.ts` runs them too. */
const OUR_TESTS = path.join(HERE, 'inside');

/**
 * Runs the tests of the extension host in a desktop VS Code, for machines that have one or can download one (Linux needs a display, such
 * as `xvfb-run` gives).
 * VSCODE_PATH: an installed VS Code (its Electron program, not the `code` script). VSCODE_VERSION: which to download; default `stable`.
 * GREP: regular expression on the titles.
 */
async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const temp = await mkdtemp(path.join(tmpdir(), 'kimi-electron-'));
  try {
    await runInDesktop(await writeThrowaway(path.join(temp, 'throwaway')), path.join(HERE, 'smoke.inside.ts'), path.join(temp, '1'), env);
    await runInDesktop(REPOSITORY, OUR_TESTS, path.join(temp, '2'), env);
  } finally {
    await rm(temp, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** @throws Error of the test runner when a test failed or VS Code did not start */
async function runInDesktop(extensionDevelopmentPath: string, testsPath: string, temp: string, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = path.join(temp, 'project');
  await mkdir(folder, { recursive: true });
  const { entry } = await bundleInsideTests({ testsPath, folder: path.join(temp, 'tests'), grep: env['GREP'] });
  await runTests({
    ...(env['VSCODE_PATH'] && { vscodeExecutablePath: env['VSCODE_PATH'] }),
    version: env['VSCODE_VERSION'] ?? 'stable',
    cachePath: path.join(REPOSITORY, '.cache', 'electron'),
    extensionDevelopmentPath,
    extensionTestsPath: entry,
    extensionTestsEnv: { CLAUDE_KIMI_HOME: path.join(temp, 'state') },
    // secrets in memory: a test must not ask for the user's key ring
    launchArgs: [
      folder,
      '--disable-extensions',
      '--disable-workspace-trust',
      '--password-store=basic',
      `--user-data-dir=${path.join(temp, 'user')}`,
      `--extensions-dir=${path.join(temp, 'extensions')}`,
    ],
  });
}

await main(process.env).catch((error: unknown) => {
  console.error(
    `${String(error)}\nWithout a download, set VSCODE_PATH to an installed VS Code, or run the tests in test/host/ with mocha.`,
  );
  process.exitCode = 1;
});
