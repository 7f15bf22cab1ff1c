/** Environments of Python and conda in which somebody keeps more: the project that it was made for, notes, data. None of it is a part of them. */
import type { Dirent } from 'node:fs';
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
/** What says that a folder is a project. */
const OF_PROJECT =
  /^(\.git|\.svn|\.hg|\.env.*|\.vscode|\.idea|manage\.py|pyproject\.toml|setup\.(py|cfg)|requirements.*\.txt|Pipfile|package\.json|Cargo\.toml|go\.mod|Dockerfile|docker-compose.*|Makefile)$/;
/** Made by conda as well, so that projects that were installed from git lie in it as they should. */
const OF_CONDA = new Set([
  ...['bin', 'conda-meta', 'envs', 'etc', 'include', 'lib', 'lib64', 'libexec', 'node_modules', 'pkgs', 'share', 'src', 'Menu', 'condabin'],
]);
/** Packages of conda bring folders of any name, none with these right in it. */
const OF_PERSON = /\.(py|ipynb|r|rmd|jl|md|txt|csv|tsv|docx?|xlsx?)$/i;
/** What packages lay into these; a project has more there, and files right in them. */
const OF_LIB = /^(python|pypy|node_modules$|pkgconfig$|cmake$|ruby|perl)|\.(so[\d.]*|a|la|dylib)$/;
/** A checkout of pip's, of what was installed from one. */
const VERSIONED = ['.git', '.hg', '.svn', '.bzr'];

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

/** The names in an environment, right in it or one step below, of what is not a part of it; none where it is no environment. */
export function foreignIn(environment: string): { readonly files: string[]; readonly folders: string[] } {
  const entries = entriesIn(environment);
  const names = new Set(entries.map(({ name }) => name));
  const isConda = names.has('conda-meta');
  if (!isConda && !names.has('pyvenv.cfg')) return { files: [], folders: [] };
  const isForeign = isConda ? (entry: Dirent) => isForeignInConda(environment, entry) : ({ name }: Dirent) => !OF_VENV.has(name);
  const right = entries.filter(isForeign).map((entry) => ({ entry, name: entry.name }));
  const below = (folder: string, isOwn: (entry: Dirent) => boolean) =>
    entriesIn(join(environment, folder)).flatMap((entry) => (isOwn(entry) ? [] : [{ entry, name: join(folder, entry.name) }]));
  const isCheckout = ({ name }: Dirent) => namesIn(join(environment, 'src', name)).some((one) => VERSIONED.includes(one));
  const sources = below('src', isCheckout);
  const found = [...right, ...sources];
  if (!isConda && found.length > 0) {
    // A project, with an environment in the same folder
    for (const name of ['doc', 'docs', 'local', 'man', 'README', 'README.md', 'CHANGELOG.md'])
      found.push(...entries.flatMap((entry) => (entry.name === name ? [{ entry, name }] : [])));
    for (const folder of ['etc', 'share']) found.push(...below(folder, (entry) => !entry.isFile()));
    found.push(...below('lib', ({ name }) => OF_LIB.test(name)), ...below('include', (entry) => !entry.isFile()));
  }
  return {
    files: found.flatMap(({ entry, name }) => (entry.isFile() ? [name] : [])),
    folders: found.flatMap(({ entry, name }) => (entry.isDirectory() ? [name] : [])),
  };
}

function isForeignInConda(environment: string, entry: Dirent): boolean {
  const { name } = entry;
  if (entry.isFile()) return isData(name) || /^\.env/.test(name) || (OF_PERSON.test(name) && !/licen[cs]e/i.test(name));
  return !OF_CONDA.has(name) && namesIn(join(environment, name)).some((one) => OF_PROJECT.test(one) || OF_PERSON.test(one));
}
