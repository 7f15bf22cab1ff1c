/**
 * Runs every test of the product. Two files at a time, since most of a test is waiting for one process or another; first the quick ones, beside which the
 * programs that others need are installed, then the slow ones, then those with a window, and last, one after the other, those that measure
 * time or use up the machine: `*.alone.test.ts`. What windows leave of the processors a few have meanwhile that wait for nothing but git and
 * tools, behind everything else (`patient.cjs`).
 */
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Mocha from 'mocha';
import { provisionClaude } from './claude/provision.ts';
import { provisionHost } from './host/provision.ts';
import { shareScratch } from './scratch.ts';

const GOES_ON = { reporterOptions: { goesOn: true } } as const;
const AT_ONCE = { ...GOES_ON, parallel: true, jobs: 2 } as const;
/** As in `QUICK` of scripts/bootstrap.cjs. */
const NOT_QUICK = ['e2e', 'host', 'redteam', 'install'];
/** What drives windows, told apart from the extension: to be run by its name when `test/host/` changes. */
const OF_THE_DRIVER = 'test/host/smoke.test.ts';
/** Slow ones that hold, however long it takes. Mocha starts processes of its own for two at least. */
const PATIENT = /^test\/(workspace\/.*\.slow|parity\/.*|evidence\/.*)\.test\.ts$/;
const BEHIND = { parallel: true, jobs: 2, timeout: 300_000, retries: 1, require: [path.join(import.meta.dirname, 'patient.cjs')] };
/** Where the longest are: begun last, one of them would be waited for alone. */
const FIRST = ['campaign', 'redteam', 'e2e', 'claude', 'cli', 'install'];

process.chdir(path.join(import.meta.dirname, '..'));
const folderOf = (file: string) => file.split(path.sep)[1] ?? '';
const rank = (file: string) => [...FIRST, folderOf(file)].indexOf(folderOf(file));
const isQuick = (file: string) => !NOT_QUICK.includes(folderOf(file)) && !file.endsWith('.slow.test.ts');

const all = globSync('test/**/*.test.ts', { exclude: [OF_THE_DRIVER] }).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
const alone = all.filter((file) => file.endsWith('.alone.test.ts'));
const windows = all.filter((file) => !alone.includes(file) && folderOf(file) === 'host');
const beside = all.filter((file) => !alone.includes(file) && !windows.includes(file));
const quick = beside.filter(isQuick);
const patient = beside.filter((file) => PATIENT.test(file));
const slow = beside.filter((file) => !quick.includes(file) && !patient.includes(file));
const useDisk = shareScratch();
const failures = [...(await Promise.all([run(quick, AT_ONCE), provision()])), await run(slow, AT_ONCE)];
process.env.PATIENT_TMPDIR = tmpdir();
useDisk(); // times are those of a user
failures.push(...(await Promise.all([run(windows, AT_ONCE), run(patient, { ...GOES_ON, ...BEHIND })])));
failures.push(await run(alone, { parallel: false, retries: 1 }));
process.exit(failures.some((count) => count > 0) ? 1 : 0);

/** Once, before several tests want the same thing at the same moment. What cannot be had is told by the tests that need it. */
async function provision(): Promise<number> {
  await provisionHost({ log: console.error }).catch(() => {});
  await provisionClaude(console.error).catch(() => {});
  return 0;
}

/** @returns how many tests failed */
async function run(files: readonly string[], options: Mocha.MochaOptions): Promise<number> {
  const mocha = new Mocha({ timeout: 30_000, forbidOnly: true, reporter: 'test/reporter.cjs', ...options });
  mocha.files = files.map((file) => path.resolve(file));
  if (!options.parallel) await mocha.loadFilesAsync();
  return new Promise((resolve) => mocha.run(resolve));
}
