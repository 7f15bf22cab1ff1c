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

/** Whether git would push there still: the user has agreed to these addresses, maybe minutes ago. */
export async function isPushedTo(root: string, remote: Remote, addresses: readonly string[]): Promise<boolean> {
  const now = (await readRemotes(root)).find(({ name }) => name === remote.name);
  return now?.url === remote.url && JSON.stringify(await pushAddresses(root, now)) === JSON.stringify(addresses);
}

/**
 * What is pushed, with its own name there: of a branch alone the configuration (`remote.<name>.push`, `push.default`) says where it goes, which
 * may be the main branch, and a tag of the same name stops it.
 */
export const pushedRef = (branch: string): string => `refs/heads/${branch}:refs/heads/${branch}`;

/** Some hold a password. */
export const shownUrl = (url: string): string => oneLine(url.replace(/^([a-z+]+:\/\/)[^@/]*@/i, '$1'), 300);
