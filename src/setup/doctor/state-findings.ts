import { accessSync, constants, existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { bytesText } from '../../common/bytes-text.ts';
import { listDelegations, unnamedFolders, unreadableDelegations, whyLeaveAlone } from '../../delegation/store/delegation-folder.ts';
import { messageText } from '../../messages/translate.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

/** What the state directory takes on the disk, whether others can read it, and what no repository needs any more. */
export function stateFindings({ t, stateDir, platform, door }: SetupContext): Finding[] {
  const subject = 'state';
  const info = statSync(stateDir, { throwIfNoEntry: false });
  if (!info) return [{ subject, state: 'good', found: t('{0} is made when it is needed', stateDir) }];
  if (!isWritable(stateDir)) {
    const found = t('{0} cannot be written', stateDir);
    return [{ subject, state: 'bad', found, remedy: t('Give it to your user, or name another folder in CLAUDE_KIMI_HOME.') }];
  }
  const size = t('{0} in {1}', bytesText(sizeOf(stateDir)), stateDir);
  const orphans = listDelegations(stateDir).filter(({ commonDir }) => !existsSync(commonDir)).length;
  const unbegun = unnamedFolders(stateDir).filter(({ git }) => existsSync(git)).length;
  const open = platform !== 'win32' && (info.mode & 0o077) !== 0;
  return [
    orphans === 0
      ? { subject, state: 'good', found: size }
      : {
          subject,
          state: 'note',
          found: t('{0}; delegations of repositories that are gone: {1}', size, orphans),
          remedy: door.remedies.clean,
        },
    ...(unbegun === 0
      ? []
      : [
          {
            subject,
            state: 'note',
            found: t('private git directories that belong to no delegation: {0}', unbegun),
            remedy: door.remedies.clean,
          } as const,
        ]),
    ...unreadableDelegations(stateDir).map((folder): Finding => {
      const newer = whyLeaveAlone(folder);
      if (newer) return { subject, state: 'note', found: messageText(newer, t) };
      return {
        subject,
        state: 'note',
        found: t('{0} cannot be read, so nothing of its delegation is shown', folder.identity),
        remedy: t('The next call on its branch writes it anew. If you need nothing of it, remove {0}. Branches stay.', folder.root),
      };
    }),
    ...(open
      ? [{ subject, state: 'note', found: t('others may read {0}', stateDir), remedy: t('Run: {0}', `chmod 700 ${stateDir}`) } as const]
      : []),
  ];
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function sizeOf(folder: string): number {
  try {
    return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
      const at = path.join(folder, entry.name);
      return sum + (entry.isDirectory() ? sizeOf(at) : lstatSync(at).blocks * 512);
    }, 0);
  } catch {
    return 0; // a folder that commands closed
  }
}
