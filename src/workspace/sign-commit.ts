/** Signs commits of ours in the user's repository as the user signs theirs. */
import { settingsIn } from './git-config.ts';
import type { GitCall, Setting } from './run-git.ts';
import type { Repository } from './types.ts';

/** What a repository may not say: each of them is a program, or decides which one runs. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'gpg.program': 'gpg',
  'gpg.x509.program': 'gpgsm',
  'gpg.ssh.program': 'ssh-keygen',
  'gpg.ssh.defaultkeycommand': '',
};
/** Carries what git said. */
export class NotSigned extends Error {}

/** How the user's agent and its dialog are found. */
const AGENT = ['GNUPGHOME', 'GPG_TTY', 'SSH_AUTH_SOCK', 'DISPLAY', 'WAYLAND_DISPLAY', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'];

/** How git is called for a signed commit; null = the user does not sign. Programs are taken from the user's own settings only. */
export async function signing(repository: Repository): Promise<GitCall | null> {
  if (!/^(true|yes|on|1)$/i.test((await settingsIn(repository, 'files')).get('commit.gpgsign') ?? '')) return null;
  const own = await settingsIn(repository, 'user');
  const config = Object.entries(PROGRAMS).map(([key, usual]): Setting => [key, own.get(key) ?? usual]);
  // Another name of the first, which would win over it.
  config.push(['gpg.openpgp.program', own.get('gpg.openpgp.program') ?? own.get('gpg.program') ?? 'gpg']);
  const env = Object.fromEntries(AGENT.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  return { user: repository.user, config, env, writes: 'anywhere' };
}
