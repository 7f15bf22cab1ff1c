import path from 'node:path';
import { namesIn } from '../../common/list-names.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

const EXTENSION = 'claude-kimi.claude-kimi-mcp';

type Surroundings = Pick<SetupContext, 't' | 'env' | 'home' | 'platform' | 'door'>;

/**
 * In WSL: whether VS Code has our extension on the side of Windows only. There it keeps key, settings and consent in the home of Windows,
 * from where no server of this Linux gets them.
 * @param disks where WSL shows the disks of Windows
 */
export function windowsCodeFindings({ t, env, home, platform, door }: Surroundings, disks = '/mnt'): Finding[] {
  if (platform !== 'linux' || door.kind === 'window' || !env.WSL_DISTRO_NAME) return [];
  if (holdsExtension(path.join(home, '.vscode-server'))) return [];
  const there = homesOfWindows(env.PATH ?? '', disks).find((user) => holdsExtension(path.join(user, '.vscode')) || wasUsed(user));
  if (!there) return [];
  return [
    {
      subject: 'window',
      state: 'note',
      found: t('VS Code has the extension in Windows only ({0}): a key and settings that it keeps there do not count here', there),
      remedy: t('Open the repository with the command WSL: Connect to WSL, and install the extension there too.'),
    },
  ];
}

/** The user of Windows whose programs WSL puts on PATH; where it puts none there, all of them. */
function homesOfWindows(PATH: string, disks: string): string[] {
  const onPath = PATH.split(':').flatMap((folder) => {
    const [disk, users, user] = path.relative(disks, folder).split('/');
    return disk && user && users?.toLowerCase() === 'users' ? [path.join(disks, disk, users, user)] : [];
  });
  if (onPath.length > 0) return [...new Set(onPath)];
  const drives = namesIn(disks).filter((name) => /^[a-z]$/.test(name));
  return drives.flatMap((disk) => {
    const users = path.join(disks, disk, 'Users');
    return namesIn(users).map((user) => path.join(users, user));
  });
}

const holdsExtension = (folder: string) => namesIn(path.join(folder, 'extensions')).some((name) => name.startsWith(`${EXTENSION}-`));

/** What an extension keeps lies here, under its name. */
const wasUsed = (user: string) => namesIn(path.join(user, 'AppData/Roaming/Code/User/globalStorage')).includes(EXTENSION);
