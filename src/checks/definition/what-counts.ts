/** Which parts of manifests and build files say something of checks: what is known to be harmless is named. */
import { composerJson, linesThatSay, packageJson, sections } from './put-back.ts';

export const PACKAGE_JSON = packageJson(
  [
    ...['name', 'version', 'description', 'keywords', 'author', 'contributors', 'license', 'homepage', 'repository', 'bugs', 'funding'],
    ...['private', 'main', 'module', 'browser', 'types', 'typings', 'type', 'exports', 'imports', 'man', 'files', 'sideEffects'],
    ...['dependencies', 'devDependencies', 'peerDependencies', 'peerDependenciesMeta', 'optionalDependencies', 'bundledDependencies'],
    ...['bundleDependencies', 'overrides', 'resolutions', 'engines', 'os', 'cpu', 'publishConfig', 'icon', 'publisher', 'categories'],
  ],
  ['workspaces'],
);
export const COMPOSER_JSON = composerJson(['name', 'description', 'type', 'license', 'authors', 'require', 'require-dev']);
export const DENO_JSON = packageJson(['name', 'version', 'exports', 'imports']);
export const PYPROJECT = sections(
  /^(project(?!\.(entry-points|scripts|gui-scripts))(\..*)?|dependency-groups|tool\.(poetry(?!\.(plugins|scripts|build))|uv(?!\.sources)|pdm(?!\.(scripts|build))|setuptools(?!\.cmdclass)|setuptools_scm|flit(?!\.(scripts|entrypoints))|hatch\.(version|build(?!\.hooks)|metadata(?!\.hooks)))(\..*)?)$/,
);
export const CARGO = sections(
  /^((target\..*\.)?(dev-|build-)?dependencies(\..*)?|features|badges|workspace\.(dependencies|package)(\..*)?|(workspace|package)\.metadata\..*)$/,
  /^\s*([#]|$|(version|description|authors|license|keywords|categories|repository|homepage|documentation|readme|rust-version|publish)\b.*=)/,
  /^features$/,
);
/** What speaks of tests, runs something, or takes other files in. */
const SPEAKS_OF_TESTS =
  'test|spec|check|verify|skip|ignore|exclude|fail|disabled|enabled|onlyIf|argLine|jvmArg|javaagent|NDEBUG|flags|launcher';
const RUNS_SOMETHING =
  '\\bexec\\b|execute_process|command|\\bscript|\\bhook|halt\\b|\\bexit|\\bsystem\\b|\\bFile\\.|\\bfile *\\(|\\bCode\\.|\\bIO\\.|\\bputs\\b|println|doLast|doFirst|finalizedBy|`|%x';
const TAKES_IN =
  '\\binclude *\\(|<(includes?|groups|phase|goal|plugin|extension|Target|Import|parent)\\b|import_config|apply from|\\baliases\\b|unsafeFlags|\\beval|includeBuild|substitute|mavenLocal|flatDir|<(systemPath|repositor(y|ies)|Reference|HintPath|ProjectReference)\\b|\\b(path|git|github):';
export const BUILD_FILE = linesThatSay(new RegExp(`${SPEAKS_OF_TESTS}|${RUNS_SOMETHING}|${TAKES_IN}`, 'i'));
/** Where packages come from, in lists that pip reads. */
export const REQUIREMENTS = linesThatSay(/@|^\s*-|^\s*[./~]|\bfile:|:\/\//);
