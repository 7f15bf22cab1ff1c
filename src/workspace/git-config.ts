/** Reads what the user's git configuration says, and disarms the programs that it names. */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { contains } from '../common/path-contains.ts';
import { readRules } from '../common/read-plain-file.ts';
import { namedFrom } from '../common/real-path.ts';
import { isFollowed } from './included-config.ts';
import { type GitCall, git, isLossy, type Setting } from './run-git.ts';
import type { Repository, UserEnvironment } from './types.ts';

/** Settings that name files whose text is copied. What the repository's own config says of them is kept apart. */
const RULES = { exclude: 'core.excludesfile', attributes: 'core.attributesfile' } as const;
const MERGE_DRIVER = /^merge\..*\.driver$/s;
/** Where objects of git-lfs lie. */
const LFS_STORAGE = 'lfs.storage';
/** Other settings that name files which git reads. */
const READ = [
  ...['diff.orderfile', 'blame.ignorerevsfile', 'mailmap.file', 'commit.template'],
  ...['gpg.ssh.allowedsignersfile', 'gpg.ssh.revocationfile', 'fsck.skiplist', 'receive.fsck.skiplist', 'fetch.fsck.skiplist'],
];
const OWN = 'own:';

/**
 * Parses `git config --list -z --show-scope`: `scope NUL key LF value NUL`; a key without a value means true. The last one wins, as for
 * git, but for the files of rules, the merge drivers and the store of git-lfs: those that the repository itself names stand under `own:` and their key.
 * @param scopes only what these say (`global`, `system`, ...)
 */
export function parseConfig(listing: string, scopes?: ReadonlySet<string>): Map<string, string> {
  const config = new Map<string, string>();
  const fields = listing.split('\0');
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [scope, entry] = [fields[at], fields[at + 1]!];
    if (scopes && !scopes.has(scope!)) continue;
    const end = entry.indexOf('\n');
    const [key, value] = end < 0 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
    const isOwn = scope === 'local' || scope === 'worktree';
    config.set(isOwn && isKeptApart(key) ? OWN + key : key, value);
  }
  return config;
}

const isKeptApart = (key: string): boolean => [...Object.values<string>(RULES), LFS_STORAGE].includes(key) || MERGE_DRIVER.test(key);

/** Where git-lfs keeps what pointers stand for, as the repository's own configuration says or else the user's. */
export const lfsStorage = (config: ReadonlyMap<string, string>): { readonly named: string; readonly isOwn: boolean } | null => {
  const own = config.get(OWN + LFS_STORAGE);
  const named = own ?? config.get(LFS_STORAGE);
  return named ? { named, isOwn: own !== undefined } : null;
};

/** Who says a setting: whatever file, without what we say ourselves, or the user's own files only. */
const SCOPES = { files: new Set(['system', 'global', 'local', 'worktree']), user: new Set(['system', 'global']) } as const;

export async function settingsIn({ gitDir, user }: Repository, who: keyof typeof SCOPES): Promise<ReadonlyMap<string, string>> {
  const listing = await git(['config', '--list', '-z', '--show-scope'], { gitDir, user });
  return parseConfig(listing.toString(), SCOPES[who]);
}

/** For an index of ours, which is read as one file. */
export const PLAIN_INDEX: readonly Setting[] = [
  ['core.splitIndex', 'false'],
  ['core.untrackedCache', 'false'],
];

/** For a merge: with it, git reads the attributes of the result, and the branch chooses which of the user's merge drivers runs on which file. */
export const OWN_ATTRIBUTES: readonly Setting[] = [['merge.renormalize', 'false']];

/** A program with a name that cannot be said to git, and so not be disarmed: what we say to it is UTF-8. */
export const unnameableProgram = (config: ReadonlyMap<string, string>): string | undefined =>
  [...config.keys()].map((key) => key.replace(OWN, '')).find((key) => isLossy(key) && /^(filter|merge|hook)\./.test(key));

/** Settings that keep git from running the content filters and configured hooks that the user's configuration names. A name may be empty. */
export function disarm(config: ReadonlyMap<string, string>): Setting[] {
  const filters = new Set<string>();
  const hooks = new Set<string>();
  for (const key of config.keys()) {
    const filter = /^filter\.(.*)\.[^.]+$/s.exec(key)?.[1];
    const hook = /^hook\.(.*)\.[^.]+$/s.exec(key)?.[1];
    if (filter !== undefined) filters.add(filter);
    if (hook !== undefined) hooks.add(hook);
  }
  const settings: Setting[] = [];
  for (const name of filters) {
    // An empty command counts as none.
    for (const command of ['clean', 'smudge', 'process']) settings.push([`filter.${name}.${command}`, '']);
    settings.push([`filter.${name}.required`, 'false']);
  }
  for (const name of hooks) settings.push([`hook.${name}.enabled`, 'false']);
  return [...settings, ...ownDriversAs('exit 1', config)];
}

/** Merge drivers that only the repository's own configuration names. */
export const ownMergeDrivers = (config: ReadonlyMap<string, string>): string[] =>
  [...config.keys()].flatMap((key) => (key.startsWith(OWN) && MERGE_DRIVER.test(key.slice(OWN.length)) ? key.slice(OWN.length) : []));

/**
 * Where the repository alone names a program that merges files, another one does, or that of the user's by the same name.
 * @param instead `exit 1` = the files conflict
 */
export function ownDriversAs(instead: string, config: ReadonlyMap<string, string>): Setting[] {
  return ownMergeDrivers(config).map((key) => [key, config.get(key) ?? instead]);
}

/** How plumbing commands reach the user's repository: its own configuration in force, and everything that it could start disarmed. */
export function disarmedCall(repository: Repository): GitCall {
  return { gitDir: repository.gitDir, cwd: repository.root, user: repository.user, config: disarm(repository.config) };
}

/** user.name and user.email as git would take them for an author, or null when one is missing. */
export function configuredIdentity(config: ReadonlyMap<string, string>): { name: string; email: string } | null {
  const name = config.get('author.name') ?? config.get('user.name');
  const email = config.get('author.email') ?? config.get('user.email');
  return name && email ? { name, email } : null;
}

/**
 * The user's ignore rules (or attributes) from outside the working tree: the global file first, then the repository's own
 * info file, so that the later rule wins as it does for git. The model can read them, so a repository may name files of its own only.
 */
export async function outsideRules(repository: Repository, kind: 'exclude' | 'attributes'): Promise<string> {
  const standard = kind === 'exclude' ? 'ignore' : 'attributes';
  const named = repository.config.get(OWN + RULES[kind]);
  const configured = repository.config.get(RULES[kind]);
  const texts = await Promise.all([
    named
      ? readOwn(expand(named, repository), repository)
      : readText(configured ? expand(configured, repository) : join(configFolder(repository.user), 'git', standard)),
    readOwn(join(repository.commonDir, 'info', kind), repository),
  ]);
  return texts
    .filter((text) => text !== '')
    .map((text) => (text.endsWith('\n') ? text : `${text}\n`))
    .join('');
}

/** Files that git reads because the configuration names them: of rules those that the repository's own one does. */
export function namedFiles(config: ReadonlyMap<string, string>, root: string, user: UserEnvironment): string[] {
  return [...Object.values(RULES).map((key) => OWN + key), ...READ].flatMap((key) => {
    const named = config.get(key);
    return named ? [expand(named, { root, user })] : [];
  });
}

/** A file of rules of the repository's own by a path that only git follows. */
export const unfollowedRules = (config: ReadonlyMap<string, string>): string | undefined =>
  Object.values(RULES)
    .flatMap((key) => config.get(OWN + key) ?? [])
    .find((path) => !isFollowed(path));

function configFolder(user: UserEnvironment): string {
  return user.xdgConfigHome ?? join(user.home, '.config');
}

function expand(path: string, repository: Pick<Repository, 'root' | 'user'>): string {
  return path.startsWith('~/') ? namedFrom(repository.user.home, path.slice(2)) : namedFrom(repository.root, path);
}

/** Whatever links stand on the way: a file in the working tree or in the git dir, or nothing. */
async function readOwn(path: string, { root, commonDir }: Repository): Promise<string> {
  const real = await realpath(path).catch(() => null);
  return real !== null && [root, commonDir].some((folder) => contains(folder, real)) ? readText(real) : '';
}

/** latin1 keeps the bytes of rules that are not UTF-8. */
function readText(path: string): string {
  return readRules(path, 'latin1');
}
