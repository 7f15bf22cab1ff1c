import { oneLine } from '../../mcp/escape-untrusted.ts';
import { runGit, splitNul, userEnvironment } from '../../workspace/run-git.ts';
import { READ_MS } from '../delegations/unless-slow.ts';

export interface Remote {
  readonly name: string;
  readonly url: string;
}

/** As they are written down: a rewritten address (`insteadOf`) is no page. */
export async function readRemotes(root: string): Promise<Remote[]> {
  const args = ['config', '-z', '--get-regexp', '^remote\\..+\\.url$'];
  const { stdout } = await runGit(args, { cwd: root, user: userEnvironment(process.env), limitMs: READ_MS });
  const entries = splitNul(stdout).map((entry) => Buffer.from(entry, 'latin1').toString('utf8'));
  const remotes = entries.flatMap((entry) => {
    const [, name, url] = /^remote\.(.+)\.url\n(.*)$/s.exec(entry) ?? [];
    // git would take it for an option
    return name && url && !name.startsWith('-') ? [{ name, url }] : [];
  });
  return [...new Map(remotes.map((remote) => [remote.name, remote])).values()];
}

/** Where git pushes to, which another setting than the address may say (`pushurl`, `insteadOf`). */
export async function pushAddresses(root: string, { name, url }: Remote): Promise<string[]> {
  const args = ['remote', 'get-url', '--push', '--all', '--', name];
  const { code, stdout } = await runGit(args, { cwd: root, user: userEnvironment(process.env), limitMs: READ_MS });
  const addresses = stdout.toString('utf8').split('\n').filter(Boolean);
  return code === 0 && addresses.length > 0 ? addresses : [url];
}

/** The addresses of where git pushes to as they are written down, for their pages: `pushurl` names another place, `insteadOf` only another way. */
async function writtenPushAddresses(root: string, { name, url }: Remote): Promise<string[]> {
  const args = ['config', '-z', '--get-all', `remote.${name}.pushurl`];
  const { stdout } = await runGit(args, { cwd: root, user: userEnvironment(process.env), limitMs: READ_MS });
  const written = splitNul(stdout).map((entry) => Buffer.from(entry, 'latin1').toString('utf8'));
  return written.length > 0 ? written : [url];
}

/**
 * What else a push does than to bring the branch, as a configuration says it, a repository's too: tags and commits of submodules go along, and what
 * is told to the other side may have it merged there.
 */
export async function pushedBesides(root: string): Promise<string[]> {
  const names = '^(push\\.(followtags|recursesubmodules|pushoption)|submodule\\.recurse)$';
  const options = { cwd: root, user: userEnvironment(process.env), limitMs: READ_MS };
  const { stdout } = await runGit(['config', '-z', '--get-regexp', names], options);
  const entries = splitNul(stdout).map((entry) => Buffer.from(entry, 'latin1').toString('utf8').split('\n', 2) as [string, string?]);
  return entries
    .filter(([, value]) => !/^(no|false|off|0|check|)$/i.test(value ?? 'true'))
    .map(([name, value = 'true']) => `${name}=${value}`);
}

/** All that a push does: where it goes, and what goes along. */
export interface PushPlan {
  readonly addresses: readonly string[];
  /** The same as they are written down. */
  readonly written: readonly string[];
  readonly besides: readonly string[];
}

export async function planPush(root: string, remote: Remote): Promise<PushPlan> {
  const [addresses, written, besides] = await Promise.all([
    pushAddresses(root, remote),
    writtenPushAddresses(root, remote),
    pushedBesides(root),
  ]);
  return { addresses, written, besides };
}

/** Whether git would do that still: the user has agreed to it, maybe minutes ago. */
export async function isPlanStill(root: string, remote: Remote, plan: PushPlan): Promise<boolean> {
  const now = (await readRemotes(root)).find(({ name }) => name === remote.name);
  return now?.url === remote.url && JSON.stringify(await planPush(root, now)) === JSON.stringify(plan);
}

/**
 * What is pushed, with its own name there: of a branch alone the configuration (`remote.<name>.push`, `push.default`) says where it goes, which
 * may be the main branch, and a tag of the same name stops it.
 */
export const pushedRef = (branch: string): string => `refs/heads/${branch}:refs/heads/${branch}`;

/** Some hold a password. */
export const shownUrl = (url: string): string => oneLine(url.replace(/^([a-z+]+:\/\/)[^/]*@/i, '$1'), 300);
