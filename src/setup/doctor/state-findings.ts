import { accessSync, constants, existsSync, lstatSync, statSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { bytesText } from '../../common/bytes-text.ts';
import { shellWord } from '../../common/shell-word.ts';
import { listDelegations, unnamedFolders, unreadableDelegations, whyLeaveAlone } from '../../delegation/store/delegation-folder.ts';
import { messageText } from '../../messages/translate.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

/** What the state directory takes on the disk, whether others can read it, and what no repository needs any more. */
export async function stateFindings(context: SetupContext): Promise<Finding[]> {
  const { t, stateDir, platform, door } = context;
  const subject = 'state';
  const info = statSync(stateDir, { throwIfNoEntry: false });
  if (!info) return [{ subject, state: 'good', found: t('{0} is made when it is needed', stateDir) }];
  if (!isWritable(stateDir)) {
    const found = t('{0} cannot be written', stateDir);
    return [{ subject, state: 'bad', found, remedy: t('Give it to your user, or name another folder in CLAUDE_KIMI_HOME.') }];
  }
  const size = t('{0} in {1}', bytesText(await sizeOf(stateDir)), stateDir);
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
    ...(open ? [openFinding(info.mode, context)] : []),
  ];
}

/** Whoever may write there can put a program of theirs in place of the launcher's. */
function openFinding(mode: number, { t, stateDir }: SetupContext): Finding {
  const remedy = t('Run: {0}', `chmod 700 ${shellWord(stateDir)}`);
  if ((mode & 0o022) === 0) return { subject: 'state', state: 'note', found: t('others may read {0}', stateDir), remedy };
  // A group is the user's own on many systems.
  const state = mode & 0o002 ? 'bad' : 'note';
  return { subject: 'state', state, found: t('others may write {0}: what they put there runs as you', stateDir), remedy };
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** At so many names others have their turn: a model may leave a million files there, in one folder, too. */
const NAMES_AT_ONCE = 500;

async function sizeOf(folder: string): Promise<number> {
  const folders: string[] = [];
  let bytes = 0;
  try {
    for await (const entry of await opendir(folder, { bufferSize: NAMES_AT_ONCE })) {
      const file = path.join(folder, entry.name);
      if (entry.isDirectory()) folders.push(file);
      else bytes += (lstatSync(file, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
    }
  } catch {
    // A folder that commands closed.
  }
  for (const sub of folders) bytes += await sizeOf(sub);
  return bytes;
}
