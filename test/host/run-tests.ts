import path from 'node:path';
import { launchBrowser, newContext } from './browser.ts';
import { bundleInsideTests } from './inside-tests.ts';
import type { Host } from './vscode-server.ts';
import { windowUrl } from './window-url.ts';

/** What `run-mocha.cjs` puts before each line. */
const TAG = '[inside]';

export interface InsideRun {
  /** 0 when every test passed. */
  readonly exitCode: number;
  /** What the tests printed: a line for each, stacks of failures, a summary. */
  readonly output: string;
}

export interface InsideRunOptions {
  /** Folder that the window opens. */
  readonly folder: string;
  readonly extensionDevelopmentPath: string;
  /** One `*.inside.ts`, or a folder of them. */
  readonly testsPath: string;
  /** Regular expression on the full titles. */
  readonly grep?: string;
  /** For the whole run; default 120 s. */
  readonly timeoutMs?: number;
  readonly locale?: string;
  readonly onOutput?: (line: string) => void;
}

/**
 * Runs mocha tests in the extension host of a fresh window, as VS Code's own test runner does: real `vscode` API, the extension loaded
 * from its folder.
 * @throws Error when the host cannot run tests, or when they do not end in time (with the output so far)
 */
export async function runTestsInHost(host: Host, options: InsideRunOptions): Promise<InsideRun> {
  if (!host.smokeDriver) throw new Error('Start this host with smokeDriver: true, or VS Code ignores the tests.');
  const bundles = await bundleInsideTests({ testsPath: options.testsPath, folder: path.join(host.dataDir, 'tests'), grep: options.grep });
  const browser = await launchBrowser(host);
  const output: string[] = [];
  const others: string[] = [];
  // when the tests could not even be loaded, the reason stands in VS Code's own log
  const printed = () => (output.length > 0 ? output : others).join('\n');
  const ended = Promise.withResolvers<number>();
  // it may fail while the page is still loading; it is awaited below
  ended.promise.catch(() => {});
  const { timeoutMs = 120_000 } = options;
  const timer = setTimeout(
    () => ended.reject(new Error(`The tests in the extension host did not end in ${timeoutMs / 1000} s. Output so far:\n${printed()}`)),
    timeoutMs,
  );
  try {
    const page = await (await newContext(browser, options.locale ?? host.locale)).newPage();
    page.once('crash', () => ended.reject(new Error(`The page crashed. Output so far:\n${printed()}`)));
    await page.exposeFunction('codeAutomationLog', (_kind: string, words: unknown[]) => {
      const report = insideLine(words);
      const line = report && bundles.withSourceLines(report);
      (line === undefined ? others : output).push(line ?? words.map(asText).join(' '));
      if (line !== undefined) options.onOutput?.(line);
    });
    await page.exposeFunction('codeAutomationExit', (code: number) => ended.resolve(code));
    await page.goto(
      windowUrl(host, {
        folder: options.folder,
        extensionDevelopmentPath: options.extensionDevelopmentPath,
        extensionTestsPath: bundles.entry,
      }),
    );
    return { exitCode: await ended.promise, output: printed() };
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}

/** Words of a console call in the extension host; undefined for what VS Code itself logs. */
function insideLine(words: readonly unknown[]): string | undefined {
  return words[0] === TAG ? words.slice(1).map(asText).join(' ') : undefined;
}

function asText(word: unknown): string {
  return typeof word === 'string' ? word : JSON.stringify(word);
}
