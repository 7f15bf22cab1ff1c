import { packageScripts } from '../../common/package-scripts.ts';
import { packageManager } from '../package-manager.ts';
import type { CheckKind } from '../types.ts';
import type { Detected, Project } from './project.ts';
import { isPlaceholder, isSafe, kindsIn, mends } from './read-script.ts';
import { testScriptIn } from './test-script.ts';

/** Names that scripts of a kind have, the best first. */
const NAMES: Readonly<Record<CheckKind, readonly string[]>> = {
  test: ['test', 'test:unit', 'unit', 'test:ci', 'tests'],
  types: ['typecheck', 'type-check', 'check-types', 'check:types', 'types:check', 'test:types', 'tsc', 'types', 'check'],
  lint: ['lint', 'lint:check', 'check:lint', 'lint:ci', 'eslint', 'check'],
};

/** The lock file lies at the root of a workspace. */
const managerOf = (project: Project) =>
  packageManager((name) => project.firstAbove([name]) !== undefined, project.textAbove('package.json'));

/** How a script is run; `bun test` is a test runner of its own. */
function runs(manager: string, name: string, script: string): string {
  const command = name === 'test' && manager !== 'bun' ? `${manager} test` : `${manager} run ${name}`;
  // It watches unless it believes that it runs for CI.
  return /\breact-scripts test\b/.test(script) ? `CI=true ${command}` : command;
}

/** Runs a program of the installed packages. */
function executes(project: Project, program: string): string {
  const ways: Readonly<Record<string, string>> = { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn run', bun: 'bunx' };
  return `${ways[managerOf(project)] ?? 'npx'} ${program}`;
}

/** A script with those that it runs and those that run around it, as far as their words tell. */
export function wholeScript(scripts: Readonly<Record<string, string>>, name: string): string {
  const reached = new Set([name]);
  const texts: string[] = [];
  for (const one of reached)
    for (const part of [`pre${one}`, one, `post${one}`]) {
      const text = Object.hasOwn(scripts, part) ? scripts[part]! : '';
      if (text === '') continue;
      texts.push(text);
      for (const [, called] of text.matchAll(/\b(?:npm|yarn|pnpm|bun)(?: run(?:-script)?)?(?: -\S{1,99}){0,9} ([\w:.-]+)/g))
        reached.add(called!);
    }
  return texts.join(' && ');
}

function scriptOf(scripts: Readonly<Record<string, string>>, kind: CheckKind): string | undefined {
  return NAMES[kind].find((name) => {
    const script = scripts[name];
    if (script === undefined || !/^[\w:.-]+$/.test(name) || isPlaceholder(script)) return false;
    const whole = wholeScript(scripts, name);
    const kinds = kindsIn(whole);
    if (!isSafe(whole) || (kind !== 'test' && (mends(whole) || kinds.has('test')))) return false;
    // A script that is called `test` and only lints is no test; one of the project's own may be anything.
    if (kind === 'test') return kinds.size === 0 || kinds.has('test');
    if (kind === 'types') return kinds.has('types') && isWithoutOutput(whole);
    return kinds.has('lint') || (kinds.size === 0 && name.includes('lint'));
  });
}

/** `"types": "tsc --emitDeclarationOnly"` builds. */
const isWithoutOutput = (script: string) =>
  !/\btsc\b/.test(script) || /--noEmit\b|\btsc -b\b|\bvue-tsc\b/.test(script) || !/--emit|--outDir|--build/.test(script);

/** The scripts that check something, without those that another one runs already. */
export function packageJsonScripts(project: Project): Detected[] {
  const scripts = packageScripts(project.text('package.json'));
  const manager = managerOf(project);
  const done = new Set<string>();
  let ran = '';
  return (['test', 'types', 'lint'] as const).flatMap((kind): Detected[] => {
    const name = scriptOf(scripts, kind);
    if (name === undefined || done.has(name) || kindsIn(ran).has(kind)) return [];
    done.add(name);
    ran += ` ${wholeScript(scripts, name)}`;
    return [{ kind, command: runs(manager, name, scripts[name]!), file: 'package.json' }];
  });
}

/** Whether it is among the dependencies of the project, or of a workspace around it. */
function dependsOn(project: Project, name: string): boolean {
  const text = `${project.text('package.json')}\n${project.textAbove('package.json')}`;
  return text.includes(`"${name}"`);
}

/** Whether a script of the project does it: then that is what is run, or what its authors do not want to be run by itself. */
const hasScriptWith = (project: Project, kind: CheckKind) =>
  kindsIn(Object.values(packageScripts(project.text('package.json'))).join(' && ')).has(kind);

export function typeScript(project: Project): Detected[] {
  const config = project.text('tsconfig.json');
  // One that only points at others checks nothing by itself.
  const isSolution = /"references"/.test(config) && /"files"\s*:\s*\[\s*\]/.test(config);
  const isDone = packageJsonScripts(project).some(({ kind }) => kind === 'types') || testsDo(project, 'types');
  if (!project.names.has('tsconfig.json') || isSolution || isDone || !dependsOn(project, 'typescript')) return [];
  return [{ kind: 'types', command: executes(project, 'tsc --noEmit'), file: 'tsconfig.json' }];
}

function testsDo(project: Project, kind: CheckKind): boolean {
  const scripts = packageScripts(project.text('package.json'));
  const name = scriptOf(scripts, 'test');
  return name !== undefined && kindsIn(wholeScript(scripts, name)).has(kind);
}

const ESLINT = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].map((ending) => `eslint.config.${ending}`);
ESLINT.push('.eslintrc', ...['js', 'cjs', 'json', 'yml', 'yaml'].map((ending) => `.eslintrc.${ending}`));

export function eslint(project: Project): Detected[] {
  const config = project.first(...ESLINT);
  if (config === undefined || hasUsableLint(project) || !dependsOn(project, 'eslint')) return [];
  return [{ kind: 'lint', command: executes(project, 'eslint .'), file: config }];
}

export function biome(project: Project): Detected[] {
  const config = project.first('biome.json', 'biome.jsonc');
  if (config === undefined || hasUsableLint(project) || !dependsOn(project, '@biomejs/biome')) return [];
  return [{ kind: 'lint', command: executes(project, 'biome ci .'), file: config }];
}

const hasUsableLint = (project: Project) => testsDo(project, 'lint') || packageJsonScripts(project).some(({ kind }) => kind === 'lint');

const JS_TEST = /[._](?:test|spec)\.[cm]?[jt]sx?$/;

export function bunTest(project: Project): Detected[] {
  const isBun = project.firstAbove(['bun.lock', 'bun.lockb', 'bunfig.toml']) !== undefined;
  if (!isBun || hasScriptWith(project, 'test') || !project.names.has('package.json') || !project.test('', JS_TEST)) return [];
  return [{ kind: 'test', command: 'bun test', file: 'package.json' }];
}

export function deno(project: Project): Detected[] {
  const config = project.first('deno.json', 'deno.jsonc');
  if (config === undefined) return [];
  const task = testScriptIn(project.text(config), 'tasks')?.slice(1, -1);
  if (task !== undefined && isSafe(task) && !isPlaceholder(task)) return [{ kind: 'test', command: 'deno task test', file: config }];
  if (task !== undefined || !project.test('', JS_TEST)) return [];
  return [{ kind: 'test', command: 'deno test', file: config }];
}
