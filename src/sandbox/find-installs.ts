/**
 * Tells commands that install what a project depends on from those that test it: an installation needs the package registries, and its
 * success proves nothing.
 */
import { type SimpleCommand, type Step, stepsOf } from './parse-shell.ts';
import { unwrap } from './unwrap-command.ts';

export interface InstallSplit {
  /** The script up to its last installation, with `true` in the place of what is given; null = it begins with none. */
  readonly install: string | null;
  /** The script with `true` in the place of these installations and of what is given; null = nothing is left to run. */
  readonly rest: string | null;
}

/** What a script installs before it does anything else, and what it does then. */
export function splitInstalls(script: string): InstallSplit {
  const steps = stepsOf(script) ?? [];
  const kinds = steps.map(kindOf);
  const firstOther = kinds.indexOf('other');
  const leading = firstOther < 0 ? kinds.length : firstOther;
  const last = kinds.slice(0, leading).findLastIndex(isSetUp);
  if (last < 0) return { install: null, rest: script };
  const done = (...which: Kind[]) => steps.slice(0, last + 1).filter((_, index) => which.includes(kinds[index]!));
  const rest = firstOther < 0 ? null : withTrue(script, done('install', 'given'));
  if (rest !== null && done('install').length === 0) return { install: null, rest };
  return { install: withTrue(script.slice(0, steps[last]!.end), done('given')), rest };
}

const isSetUp = (kind: Kind) => kind === 'install' || kind === 'given';

const withTrue = (script: string, steps: readonly Step[]): string =>
  steps.reduceRight((text, { start, end }) => `${text.slice(0, start)}true${text.slice(end)}`, script);

/** given: a command that fills the checkout, which ours is from the start, and which would write into git's folder. */
type Kind = 'install' | 'given' | 'neutral' | 'other';

function kindOf({ commands }: Step): Kind {
  const kinds = commands.map((words) => kindOfCommand(unwrap(words)));
  if (kinds.includes('other')) return 'other';
  if (kinds.includes('install')) return 'install';
  return kinds.includes('given') ? 'given' : 'neutral';
}

/** What only prepares the shell, looks, or filters what another command prints. */
const NEUTRAL =
  /^(cd|pushd|popd|export|set|unset|source|\.|true|:|echo|printf|mkdir|umask|ulimit|deactivate|hash|which|type|tail|head|cat|grep|tee|wc|sort|pwd|ls)$/;

function kindOfCommand([program, ...args]: SimpleCommand): Kind {
  if (program === undefined) return 'neutral'; // only an assignment
  const name = program.slice(program.lastIndexOf('/') + 1).replace(/^(python|pip)[\d.]+$/, '$1');
  if (NEUTRAL.test(name)) return 'neutral';
  const words = args.filter((arg) => !arg.startsWith('-')).join(' ');
  const known = /^(-v|-V|--version|-h|--help)$/.test(args[0] ?? '') && args.length === 1;
  if (known) return 'neutral';
  if (name === 'python') return kindOfModule(args);
  if (name === 'git') return FILLS.test(words) && !args.includes('--remote') ? 'given' : 'other';
  return INSTALLS[name]?.test(words) ? 'install' : 'other';
}

/** A folder may stand before it, of `-C`. */
const FILLS = /^(\S+ )?(submodule (init|update|sync)|lfs (install|pull|fetch|checkout))\b/;

function kindOfModule(args: readonly string[]): Kind {
  const at = args.indexOf('-m');
  if (at < 0) return 'other';
  const [module = '', ...rest] = args.slice(at + 1);
  if (module === 'venv' || module === 'ensurepip') return 'neutral';
  return kindOfCommand([module, ...rest]);
}

/** Words that stand before the verb belong to an option (`--prefix web`); a script's name behind `run` is no verb. */
const NODE_VERB = /^((?!(?:run|run-script|exec|x|dlx|create|init|test|t|start)\b)\S+ )?(i|in|install|ci|clean-install|add)( |$)/;
const BROWSERS = /^(playwright|puppeteer browsers|cypress) install\b|^lerna bootstrap\b/;

/** By program: what its words (without options) look like when it installs. */
const INSTALLS: Readonly<Record<string, RegExp>> = {
  npm: new RegExp(`${NODE_VERB.source}|^exec (playwright|puppeteer browsers|cypress) install\\b`),
  pnpm: new RegExp(`${NODE_VERB.source}|^(exec|dlx) (playwright|cypress) install\\b|^fetch( |$)`),
  cnpm: NODE_VERB,
  yarn: /^$|^(workspace \S+ |(?!(?:run|exec|dlx|node|create)\b)\S+ )?(install|add)( |$)|^(playwright|cypress) install\b/,
  bun: /^(install|i|add)( |$)|^x playwright install\b/,
  npx: BROWSERS,
  pnpx: BROWSERS,
  bunx: BROWSERS,
  playwright: /^install\b/,
  corepack: /^(enable|prepare|install|use|up)\b/,
  deno: /^(install|cache)\b/,
  pip: /^(install|download)\b/,
  pipx: /^install\b/,
  virtualenv: /./,
  uv: /^(sync|venv|add|lock)\b|^(pip|python|tool) (install|sync)\b/,
  poetry: /^(install|sync|add|lock|update)\b/,
  pdm: /^(install|sync|add|lock|update)\b/,
  pipenv: /^(install|sync)\b/,
  rye: /^(sync|install)\b/,
  conda: /^(install|create|env (create|update))\b/,
  mamba: /^(install|create|env (create|update))\b/,
  micromamba: /^(install|create|env (create|update))\b/,
  bundle: /^(install|update)?( |$)/,
  bundler: /^install\b/,
  gem: /^install\b/,
  composer: /^(install|i|update|require)\b/,
  go: /^(mod (download|tidy|vendor)|get|install)\b/,
  cargo: /^(fetch|install|add|vendor)\b/,
  rustup: /^(component|target) add\b|^(toolchain )?(install|update)\b/,
  mvn: /^dependency:\S+( dependency:\S+)*$/,
  dotnet: /^(restore|tool (restore|install)|workload (restore|install))\b/,
  nuget: /^(install|restore)\b/,
  mix: /^(deps\.get|local\.hex|local\.rebar|archive\.install)\b/,
  rebar3: /^get-deps\b/,
  dart: /^pub (get|upgrade)\b/,
  flutter: /^pub (get|upgrade)\b/,
  swift: /^package (resolve|update)\b/,
  cabal: /^update\b/,
  opam: /^install\b/,
  pod: /^install\b/,
  conan: /^install\b/,
  luarocks: /^(install|make)\b/,
};
