/** Environments of Python and conda in which somebody keeps more: the project that it was made for, notes, data. None of it is a part of them. */
import { join } from 'node:path';
import { entriesIn, namesIn } from '../common/list-names.ts';
import { isData } from './program-files.ts';

/** What `venv`, virtualenv, nodeenv and packages make right in one. */
const OF_VENV = new Set([
  ...['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libexec', 'local', 'include', 'share', 'etc', 'src', 'man', 'doc', 'docs'],
  ...['node_modules', 'Scripts', 'Library', 'nltk_data', 'site-packages', 'pypy'],
  ...['pyvenv.cfg', 'pip.conf', 'pip-selfcheck.json', '.Python', '.gitignore', '.lock', 'CACHEDIR.TAG'],
  ...['.tox-info.json', 'uv-receipt.toml'],
  ...['LICENSE', 'LICENSE.txt', 'README', 'README.md', 'CHANGELOG.md'],
]);
/** What says that a folder is a project; packages of conda bring folders of any name, and none of these right in one. */
const OF_PROJECT =
  /^(\.git|\.svn|\.hg|\.env.*|\.vscode|\.idea|manage\.py|pyproject\.toml|setup\.(py|cfg)|requirements.*\.txt|Pipfile|package\.json|Cargo\.toml|go\.mod|Dockerfile|docker-compose.*|Makefile)$/;
/** Made by conda as well, so that projects that were installed from git lie in it as they should. */
const OF_CONDA = new Set([
  ...['bin', 'conda-meta', 'envs', 'etc', 'include', 'lib', 'lib64', 'libexec', 'node_modules', 'pkgs', 'share', 'src'],
]);

/** Scripts of virtualenvwrapper's, in the folder of all environments. */
const OF_WRAPPER = /^(initialize|get_env_details|(pre|post)[a-z]+|\.project)$/;

/** The names right in a folder of environments of what is none: a variable of the user's may name any folder. */
export function foreignBeside(folder: string): { readonly files: string[]; readonly folders: string[] } {
  const entries = entriesIn(folder);
  const isEnvironment = (name: string) =>
    namesIn(join(folder, name)).some((one) => ['pyvenv.cfg', 'conda-meta', 'bin', 'Scripts'].includes(one));
  return {
    files: entries.flatMap((entry) => (entry.isFile() && !OF_WRAPPER.test(entry.name) ? [entry.name] : [])),
    folders: entries.flatMap((entry) => (entry.isDirectory() && !isEnvironment(entry.name) ? [entry.name] : [])),
  };
}

/** The names right in an environment of what is not a part of it; none where it is no environment. */
export function foreignIn(environment: string): { readonly files: string[]; readonly folders: string[] } {
  const entries = entriesIn(environment);
  const names = new Set(entries.map(({ name }) => name));
  const isVenv = names.has('pyvenv.cfg') && !names.has('conda-meta');
  const isForeign = isVenv
    ? (name: string) => !OF_VENV.has(name)
    : (name: string, isFile: boolean) =>
        isFile
          ? isData(name) || /^\.env/.test(name)
          : !OF_CONDA.has(name) && namesIn(join(environment, name)).some((one) => OF_PROJECT.test(one));
  const found = isVenv || names.has('conda-meta') ? entries.filter((entry) => isForeign(entry.name, entry.isFile())) : [];
  return {
    files: found.flatMap((entry) => (entry.isFile() ? [entry.name] : [])),
    folders: found.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])),
  };
}
