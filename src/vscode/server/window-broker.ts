import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Broker } from '../../broker/broker.ts';
import { consentFor, decisionFolder, takenRoot } from '../../broker/consent.ts';
import type { Consent } from '../../broker/protocol.ts';
import { coverageOf, repositoryPaths } from '../../broker/repository-paths.ts';
import { errorText } from '../../common/caught-error.ts';
import { contains } from '../../common/path-contains.ts';
import { realPathOf } from '../../common/real-path.ts';
import { usualStateDirectory } from '../../common/usual-state-directory.ts';
import type { Place } from '../brought-values.ts';
import { environmentRefusals } from '../environment-refusals.ts';
import { askInStatusBar, readRepositories } from '../setup/ask-consent.ts';
import { isKeyMoving, onKeyChange, readKey } from '../setup/key-storage.ts';
import { readWindowSettings, usersLists } from '../window-settings.ts';

export interface WindowBrokerOptions {
  readonly context: vscode.ExtensionContext;
  readonly stateDir: string;
  readonly version: string;
  readonly log: vscode.LogOutputChannel;
}

/** Lends key and settings of this window to the servers that work in its folders, whoever started them. */
export async function startWindowBroker({ context, stateDir, version, log }: WindowBrokerOptions): Promise<vscode.Disposable> {
  const [{ startBroker }, { removeDeadWindows }] = await Promise.all([
    import('../../broker/broker.ts'),
    import('../../broker/find-window.ts'),
  ]);
  const asking = new Map<string, Promise<Consent>>();
  const account = watchAccount(context, (error) => log.warn(`The key cannot be read: ${errorText(error)}`));
  const broker: Broker = await startBroker({
    stateDir,
    version,
    folders: realFolders(),
    async answer(repository) {
      const trusted = vscode.workspace.isTrusted;
      return {
        key: trusted ? await account.key() : null,
        settings: readWindowSettings(...foldersOf(repository), (folder) => placeOf(repository, realFolder(folder))),
        trusted,
        consent: environmentRefusals().denies(repository) ? 'denied' : consentFor(readRepositories(), repository),
      };
    },
    askConsent(repository, signal, client) {
      const root = decisionFolder(repository);
      const asked = asking.get(root) ?? askInStatusBar(repository, client).finally(() => asking.delete(root));
      asking.set(root, asked);
      const gaveUp = new Promise<Consent>((resolve) => signal.addEventListener('abort', () => resolve('ask'), { once: true }));
      return Promise.race([asked, gaveUp]);
    },
    log: (line) => log.warn(line),
  });
  void removeDeadWindows(stateDir).catch((error: unknown) => log.warn(String(error)));
  const folders = vscode.workspace.onDidChangeWorkspaceFolders(() => broker.setFolders(realFolders()));
  const keeping = await keepUsersRefusals(stateDir, context.globalStorageUri?.fsPath ?? '', (error) => log.warn(errorText(error)));
  return {
    dispose() {
      account.dispose();
      keeping.dispose();
      folders.dispose();
      void broker.close();
    },
  };
}

/** For servers that find no window later: this one may be closed by then, or have another folder open. */
async function keepUsersRefusals(stateDir: string, editor: string, onFault: (error: unknown) => void): Promise<vscode.Disposable> {
  const { keepRefusals, refusalsIn } = await import('../../broker/kept-refusals.ts');
  // Of servers that another program starts, which may not have our CLAUDE_KIMI_HOME; where none ever was, nothing is made.
  const usual = usualStateDirectory(process.env, stateDir);
  const folders = [stateDir, ...(usual !== null && existsSync(usual) ? [usual] : [])];
  const keep = () => {
    for (const folder of folders) {
      try {
        keepRefusals(folder, editor, refusalsIn({ ...usersLists(), repositories: readRepositories() }));
      } catch (error) {
        onFault(error);
      }
    }
  };
  keep();
  return vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('claudeKimi') && keep());
}

/** A key and its address are two things, which another window writes one after the other, and somebody types: so long nothing may have changed. */
const SETTLED_MS = 1500;

/** The key, where it is for the address that is set: until both stand, none. */
function watchAccount(context: vscode.ExtensionContext, onFault: (error: unknown) => void) {
  let changedAt = Number.NEGATIVE_INFINITY;
  const changed = () => {
    changedAt = performance.now();
  };
  const watching = vscode.Disposable.from(
    onKeyChange(context, changed),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('claudeKimi.baseUrl') && changed()),
  );
  const address = () => vscode.workspace.getConfiguration('claudeKimi').inspect('baseUrl')?.globalValue;
  return {
    async key(): Promise<string | null> {
      const asked = performance.now();
      // What the window refuses is told in time, whatever goes on.
      for (let left = changedAt + SETTLED_MS - asked; left > 0; left = changedAt + SETTLED_MS - performance.now()) {
        if (performance.now() + left > asked + SETTLED_MS) return null;
        await setTimeout(left);
      }
      const before = JSON.stringify([address(), changedAt]);
      // A keyring that does not open takes the key away, and not what the user refuses.
      const key = await readKey(context).catch(onFault);
      return key && !isKeyMoving() && JSON.stringify([address(), changedAt]) === before ? key : null;
    },
    dispose: () => watching.dispose(),
  };
}

/** The workspace folder whose settings count for a repository, and those that have it open besides. */
function foldersOf(repository: string): [vscode.Uri | undefined, vscode.Uri[]] {
  const paths = repositoryPaths(repository);
  const owning = coverageOf(realFolders(), paths);
  const folders = fileFolders().filter((uri) => coverageOf([realFolder(uri)], paths) !== null);
  const first = folders.find((uri) => realFolder(uri) === owning?.folder);
  return [first, folders.filter((uri) => uri !== first)];
}

/** Where a folder lies in the repository that is asked about or, for a linked worktree of it, in its own; or where in the folder they lie. */
function placeOf(repository: string, folder: string): Place {
  const roots = [...new Set(repositoryPaths(repository).map(takenRoot))];
  const within = roots.filter((root) => root !== folder && contains(folder, root)).map((root) => path.relative(folder, root));
  if (within.length > 0) return { below: '', within };
  const root = [takenRoot(repository), takenRoot(folder)].find((one) => contains(one, folder));
  return { below: root === undefined ? '' : path.relative(root, folder), within };
}

function fileFolders(): vscode.Uri[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri).filter(({ scheme }) => scheme === 'file');
}

function realFolders(): string[] {
  return fileFolders().map(realFolder);
}

const realFolder = ({ fsPath }: vscode.Uri) => realPathOf(fsPath) ?? fsPath;
