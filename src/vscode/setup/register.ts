import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { errorText } from '../../common/caught-error.ts';
import { deleteKey, onKeyChange, readKey, storeKey } from '../secret.ts';
import { windowProxy } from '../window-proxy.ts';
import type { SetupPlace } from './place.ts';

export interface SetupParts {
  readonly stateDir: string;
  readonly log: vscode.LogOutputChannel;
  readonly extensionPath: string;
  readonly version: string;
  /** Lets the rest of the window look again whether it is set up. */
  refresh(): void;
  /** Something was just seen to work. */
  works: SetupPlace['works'];
}

/**
 * Registers the commands of the set-up, starts the broker and repairs the connection. Returns at once: everything is loaded when it is
 * needed, or after the window has started.
 */
export function registerSetup(context: vscode.ExtensionContext, parts: SetupParts): vscode.Disposable {
  const disposables: vscode.Disposable[] = [];
  let closed = false;
  let place: Promise<SetupPlace> | null = null;
  const keep = (disposable: vscode.Disposable) => {
    if (closed) disposable.dispose();
    else disposables.push(disposable);
  };
  const placeOf = () => {
    place ??= makePlace(context, parts, keep);
    return place;
  };
  const command = (name: string, run: (place: SetupPlace) => Promise<unknown>) =>
    keep(
      vscode.commands.registerCommand(`claudeKimi.${name}`, async () => {
        try {
          await run(await placeOf());
        } catch (error) {
          parts.log.error(error instanceof Error ? error : String(error));
          void vscode.window.showErrorMessage(vscode.l10n.t('That did not work: {0}', errorText(error)));
        }
      }),
    );
  command('setUp', async (at) => (await import('./flow.ts')).setUp(at));
  command('setApiKey', async (at) => (await import('./key-step.ts')).setKey(at));
  command('chooseModel', async (at) => (await import('./work-steps.ts')).modelStep(at));
  command('chooseBudget', async (at) => (await import('./work-steps.ts')).budgetStep(at));
  command('choosePrivacy', async (at) => (await import('./work-steps.ts')).privacyStep(at));
  command('trySandbox', async (at) => (await import('./work-steps.ts')).trySandbox(at));
  command('connectClaude', async (at) => (await import('./claude-steps.ts')).connectStep(at));
  command('disconnectClaude', async (at) => (await import('./claude-steps.ts')).disconnectStep(at));
  command('editRules', async (at) => (await import('./rules-step.ts')).rulesStep(at));
  command('checkSetup', async (at) => (await import('./flow.ts')).showCheck(at));
  command('removeEverything', async (at) => (await import('./remove.ts')).removeEverything(at));

  const background = (work: Promise<void>) => void work.catch((error: unknown) => parts.log.warn(errorText(error)));
  background(import('../broker.ts').then(async ({ startWindowBroker }) => keep(await startWindowBroker({ context, ...parts }))));
  background(Promise.all([import('./claude-steps.ts'), placeOf()]).then(([{ repair }, at]) => repair(at)));
  keep(onKeyChange(context, parts.refresh));
  return {
    dispose() {
      closed = true;
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

async function makePlace(
  context: vscode.ExtensionContext,
  parts: SetupParts,
  keep: (disposable: vscode.Disposable) => void,
): Promise<SetupPlace> {
  const [{ createUi }, { readWindowSettings }, { REGIONS }] = await Promise.all([
    import('./vscode-ui.ts'),
    import('../settings.ts'),
    import('./kimi-account.ts'),
  ]);
  const ui = createUi();
  keep(ui);
  const configuration = () => vscode.workspace.getConfiguration('claudeKimi');
  return {
    ui,
    t: vscode.l10n.t,
    key: { read: () => readKey(context), store: (key) => storeKey(context, key), delete: () => deleteKey(context) },
    settings: {
      get: (name) => configuration().get(name),
      own: (name) => configuration().inspect(name)?.globalValue,
      set: async (name, value) => configuration().update(name, value, vscode.ConfigurationTarget.Global),
      explicit: (folder) => readWindowSettings(folder === undefined ? undefined : vscode.Uri.file(folder)),
    },
    stateDir: parts.stateDir,
    dist: path.join(parts.extensionPath, 'dist'),
    version: parts.version,
    runtime: { program: process.execPath, electron: Boolean(process.versions.electron) },
    platform: process.platform,
    env: process.env,
    home: homedir(),
    get folders() {
      return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
    },
    get trusted() {
      return vscode.workspace.isTrusted;
    },
    language: vscode.env.language,
    get proxy() {
      return windowProxy()?.url;
    },
    fetch: (...request) => fetch(...request),
    regions: testRegions(context) ?? REGIONS,
    now: Date.now,
    log: (line) => parts.log.info(line),
    refresh: parts.refresh,
    works: parts.works,
  };
}

/** Tests play both platforms on this machine. */
function testRegions(context: vscode.ExtensionContext): string[] | null {
  const given = process.env.CLAUDE_KIMI_TEST_REGIONS;
  return given && context.extensionMode !== vscode.ExtensionMode.Production ? given.split(',') : null;
}
