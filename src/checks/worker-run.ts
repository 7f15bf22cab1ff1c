/** Which commands of the worker test something, and what their output tells. It proves nothing: a model can let a command print anything. */
import { basename } from 'node:path';
import { onlyLooks } from '../sandbox/looking-commands.ts';
import { type SimpleCommand, type Step, stepsOf } from '../sandbox/parse-shell.ts';
import type { CommandResult } from '../sandbox/types.ts';
import { unwrap } from '../sandbox/unwrap-command.ts';
import { CHECK_TOOLS } from './definition/check-tools.ts';
import { readFindings } from './read-test-output.ts';
import { wholeOutput } from './run-check.ts';
import type { CheckRun } from './types.ts';

export interface WorkerRun {
  readonly counts: CheckRun['counts'];
  /** Whether the exit code of the whole command is that of what tests in it. */
  readonly tellsExit: boolean;
}

/** @returns null for a command that tests nothing, or does something behind its tests that may change what they saw */
export async function readWorkerRun(command: string, result: CommandResult): Promise<WorkerRun | null> {
  const steps = stepsOf(command);
  if (steps === null || steps.every(doesNothing)) return null;
  const { counts } = readFindings(await wholeOutput(result));
  const named = steps.findIndex(isTest);
  const at = named >= 0 || counts === null ? named : steps.findLastIndex((step) => !doesNothing(step));
  const first = steps[at];
  if (first === undefined) return null;
  const behind = steps.slice(at + 1);
  if (!behind.every((step) => isTest(step) || doesNothing(step)) || writes(command.slice(first.end))) return null;
  const joints = steps.slice(1).map((step, index) => command.slice(steps[index]!.end, step.start).trim());
  const isReached = joints.slice(0, at).every((joint) => joint !== '||');
  return { counts, tellsExit: isReached && joints.slice(at).every((joint) => joint === '&&') && first.isPlain };
}

const TESTS_NOTHING = new Set(['true', 'false', ':', 'exit', 'sleep', 'test', '[']);

const isTest = ({ commands }: Step) => commands.some(testsSomething);
const doesNothing = ({ commands }: Step) => commands.every((words) => onlyLooks(words) || TESTS_NOTHING.has(words[0] ?? ''));

/** `> out.txt`, but neither `2>&1` nor what goes into temp or nowhere. */
const writes = (text: string) => /\bsed (-\S+ )*-i|>(?!&\d|[>|]?\s*(\/tmp\/|\/dev\/))/.test(text.replace(/[12&]?>&\d/g, ''));

/** Tools that do other things too: they test where a word behind them says so. */
const GENERAL = new Set(
  'npm npx yarn pnpm pnpx bun bunx node deno tsx ts-node lerna nx turbo astro python python3 coverage hatch uv poetry pdm pipenv make gmake ninja just task mage rake invoke earthly cargo rustc cross go mvn mvnw gradle gradlew sbt ant bazel dotnet msbuild php composer ruby bundle rails mix rebar3 cmake meson swift dart flutter'.split(
    ' ',
  ),
);
const TOOLS = new Set(CHECK_TOOLS.flatMap(({ words }) => words));
const isChecker = (word: string) => TOOLS.has(word) && !GENERAL.has(word);
const FORMATTERS = new Set(['prettier', 'black', 'isort', 'biome']);

const SPEAKS_OF_TESTS = /(^|[:._/-])(tests?|tst|specs?|checks?|lint|types?|typecheck|vet|clippy|verify|eunit|analy[sz]e|e2e)([:._/-]|$)/i;
const ONLY_CHECKS = /^(--check|-c|-l|--list-different|check|lint|ci)$/;
const DOES_OTHERWISE = /^(install|i|ci|add|remove|rm|view|info|ls|list|why|explain|outdated|config|init|create|publish|fmt|format|build)$/;
const ABOUT_ITSELF = /^(--version|--help|-V|-h)$/;
/** What follows is code, which may speak of anything. */
const CODE = /^(-e|-c|-p|-r|-pe|--eval|--print|eval)$/;

function testsSomething(words: SimpleCommand): boolean {
  const [program = '', ...args] = unwrap(words);
  const name = wordOf(program);
  if (!TOOLS.has(name) || args.some((arg) => ABOUT_ITSELF.test(arg))) return false;
  const isFormat = [name, ...args.map(wordOf)].some((word) => FORMATTERS.has(word));
  if (isFormat) return args.some((arg) => ONLY_CHECKS.test(arg));
  if (isChecker(name)) return true;
  if (CODE.test(args[0] ?? '') || DOES_OTHERWISE.test(args.find((arg) => !arg.startsWith('-')) ?? '')) return false;
  return args.some((arg) => isChecker(wordOf(arg)) || SPEAKS_OF_TESTS.test(arg));
}

/** `./node_modules/.bin/jest` -> `jest`, `python3.12` -> `python` */
function wordOf(token: string): string {
  const name = basename(token);
  return /^python[\d.]+$/.test(name) ? 'python' : name;
}
