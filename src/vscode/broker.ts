import { realpathSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Broker } from '../broker/broker.ts';
import { coverageOf, placesOf } from '../broker/places.ts';
import type { Consent } from '../broker/protocol.ts';
import { readKey } from './secret.ts';
import { readWindowSettings } from './settings.ts';
import { consentFor, decisionFolder, withConsent } from './setup/consent.ts';

export interface WindowBrokerOptions {
  readonly context: vscode.ExtensionContext;
  readonly stateDir: string;
  readonly version: string;
  readonly log: vscode.LogOutputChannel;
}

/** Lends key and settings of this window to the servers that work in its folders, whoever started them. */
export async function startWindowBroker({ context, stateDir, version, log }: WindowBrokerOptions): Promise<vscode.Disposable> {
  const [{ startBroker }, { removeDeadWindows }] = await Promise.all([import('../broker/broker.ts'), import('../broker/find-window.ts')]);
  const asking = new Map<string, Promise<Consent>>();
  const broker: Broker = await startBroker({
    stateDir,
    version,
    folders: realFolders(),
    async answer(repository) {
      const trusted = vscode.workspace.isTrusted;
      return {
        key: trusted ? ((await readKey(context)) ?? null) : null,
        settings: readWindowSettings(folderOf(repository)),
        trusted,
        consent: consentFor(readRepositories(), repository),
      };
    },
    askConsent(repository, signal) {
      const root = decisionFolder(repository);
      const asked = asking.get(root) ?? ask(root, repository).finally(() => asking.delete(root));
      asking.set(root, asked);
      const gaveUp = new Promise<Consent>((resolve) => signal.addEventListener('abort', () => resolve('ask'), { once: true }));
      return Promise.race([asked, gaveUp]);
    },
    log: (line) => log.warn(line),
  });
  void removeDeadWindows(stateDir).catch((error: unknown) => log.warn(String(error)));
  const folders = vscode.workspace.onDidChangeWorkspaceFolders(() => broker.setFolders(realFolders()));
  return {
    dispose() {
      folders.dispose();
      void broker.close();
    },
  };
}

/** The decision is kept, so that a repository is asked about once. */
async function ask(root: string, repository: string): Promise<Consent> {
  const { t } = vscode.l10n;
  const here = t('Allow for This Repository');
  const all = t('Allow for All');
  const never = t('Never Here');
  const host = hostOf(vscode.workspace.getConfiguration('claudeKimi').get('baseUrl', ''));
  const answer = await vscode.window.showWarningMessage(
    t('Claude wants to hand work in {0} to Kimi. The files that the work needs would be sent to {1}. Allow it?', root, host),
    here,
    all,
    never,
  );
  if (!answer) return 'ask';
  const consent = answer === never ? 'deny' : 'allow';
  await writeRepositories(withConsent(readRepositories(), answer === all ? '*' : repository, consent));
  return consentFor(readRepositories(), repository);
}

export function readRepositories(): Readonly<Record<string, unknown>> {
  return vscode.workspace.getConfiguration('claudeKimi').inspect<Record<string, unknown>>('repositories')?.globalValue ?? {};
}

export async function writeRepositories(repositories: Readonly<Record<string, unknown>>): Promise<void> {
  await vscode.workspace.getConfiguration('claudeKimi').update('repositories', repositories, vscode.ConfigurationTarget.Global);
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** The workspace folder whose settings count for a repository. */
function folderOf(repository: string): vscode.Uri | undefined {
  const owning = coverageOf(realFolders(), placesOf(repository));
  return fileFolders().find((uri) => real(uri.fsPath) === owning?.folder);
}

function fileFolders(): vscode.Uri[] {
  return (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri).filter(({ scheme }) => scheme === 'file');
}

function realFolders(): string[] {
  return fileFolders().map(({ fsPath }) => real(fsPath));
}

function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
