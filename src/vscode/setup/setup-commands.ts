import { homedir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { errorText } from '../../common/caught-error.ts';
import type { SetupContext } from '../../setup/setup-context.ts';
import { notify } from '../notify.ts';
import { windowProxy } from '../server/window-proxy.ts';
import { deleteKey, onKeyChange, readKey, storeKey, storeKeyFor } from './key-storage.ts';

export interface SetupParts {
  readonly stateDir: string;
  readonly log: vscode.LogOutputChannel;
  readonly extensionPath: string;
  readonly version: string;
  /** Lets the rest of the window look again whether it is set up. */
  refresh(): void;
  /** Something was just seen to work. */
  works: SetupContext['works'];
  /** Why VS Code's own agent mode does not get the tools; null when it does. */
  whyNoAgentMode(): Promise<string | null>;
}

/**
 * Registers the commands of the set-up, starts the broker and repairs the connection. Returns at once: everything is loaded when it is
 * needed, or after the window has started.
 */
export function registerSetup(extension: vscode.ExtensionContext, parts: SetupParts): vscode.Disposable {
  const disposables: vscode.Disposable[] = [];
  let closed = false;
  let made: Promise<SetupContext> | null = null;
  const keep = (disposable: vscode.Disposable) => {
    if (closed) disposable.dispose();
    else disposables.push(disposable);
  };
  const setupContext = () => {
    made ??= makeContext(extension, parts, keep);
    return made;
  };
  const command = (name: string, run: (context: SetupContext) => Promise<unknown>) =>
    keep(
      vscode.commands.registerCommand(`claudeKimi.${name}`, async () => {
        try {
          await run(await setupContext());
        } catch (error) {
          parts.log.error(error instanceof Error ? error : String(error));
          void notify.error(vscode.l10n.t('That did not work: {0}', errorText(error)));
        }
      }),
    );
  command('setUp', async (context) => (await import('../../setup/run-setup.ts')).runSetup(context));
  command('setApiKey', async (context) => (await import('../../setup/key-step.ts')).setKey(context));
  command('chooseModel', async (context) => (await import('../../setup/model-step.ts')).modelStep(context));
  command('chooseBudget', async (context) => (await import('../../setup/budget-step.ts')).budgetStep(context));
  command('choosePrivacy', async (context) => (await import('../../setup/privacy-step.ts')).privacyStep(context));
  command('trySandbox', async (context) => (await import('../../setup/sandbox-step.ts')).trySandbox(context));
  command('connectClaude', async (context) => (await import('../../setup/connect-step.ts')).connectStep(context));
  command('disconnectClaude', async (context) => (await import('../../setup/disconnect-step.ts')).disconnectStep(context));
  command('editRules', async (context) => (await import('../../setup/rules-step.ts')).rulesStep(context));
  command('checkSetup', async (context) => (await import('../../setup/run-setup.ts')).showReport(context));
  command('removeEverything', async (context) => (await import('../../setup/remove-everything.ts')).removeEverything(context));

  const background = (work: Promise<void>) => void work.catch((error: unknown) => parts.log.warn(errorText(error)));
  background(
    import('../server/window-broker.ts').then(async ({ startWindowBroker }) =>
      keep(await startWindowBroker({ context: extension, ...parts })),
    ),
  );
  background(
    Promise.all([import('../../setup/repair-connection.ts'), setupContext()]).then(([{ repairConnection }, context]) =>
      repairConnection(context),
    ),
  );
  keep(onKeyChange(extension, parts.refresh));
  return {
    dispose() {
      closed = true;
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

/** Every setting that a step of the set-up writes. */
const WRITTEN_SETTINGS = ['model', 'budget', 'baseUrl', 'claudePath', 'sandbox', 'repositories'] as const;

async function makeContext(
  extension: vscode.ExtensionContext,
  parts: SetupParts,
  keep: (disposable: vscode.Disposable) => void,
): Promise<SetupContext> {
  const [
    { createDialogs },
    { createReportPage },
    { windowDoor },
    { windowLayer },
    { readWindowSettings },
    { REGIONS },
    { knownAddresses },
    { withNamesInLine },
  ] = await Promise.all([
    import('./dialogs.ts'),
    import('./report-page.ts'),
    import('../../setup/door.ts'),
    import('../../setup/setting-layers.ts'),
    import('../window-settings.ts'),
    import('../../setup/kimi-account.ts'),
    import('../../setup/known-addresses.ts'),
    import('../../messages/translate.ts'),
  ]);
  const senders = knownAddresses(
    (...request) => fetch(...request),
    () => vscode.l10n.t('the address is new, so it was not asked by itself: check again'),
  );
  const examine = async () => (await import('../../setup/doctor/examine-setup.ts')).examineSetup({ ...context, fetch: senders.byItself });
  const page = createReportPage(parts.version, examine, parts.log);
  keep(page);
  keep(onKeyChange(extension, page.changed));
  const configuration = () => vscode.workspace.getConfiguration('claudeKimi');
  const own = (name: string) => configuration().inspect(name)?.globalValue;
  const set = async (name: string, value: unknown) => configuration().update(name, value, vscode.ConfigurationTarget.Global);
  const ours = () => WRITTEN_SETTINGS.filter((name) => own(name) !== undefined);
  const t = withNamesInLine(vscode.l10n.t);
  const context: SetupContext = {
    ui: createDialogs(page),
    t,
    door: windowDoor(t),
    answers: {},
    key: {
      read: () => readKey(extension),
      async store(key, baseUrl) {
        if (baseUrl === undefined) return storeKey(extension, key);
        const address = { now: own('baseUrl'), set: (value: unknown) => set('baseUrl', value) };
        return storeKeyFor(extension, key, address, baseUrl);
      },
      isOurs: async () => (await readKey(extension)) !== undefined,
      delete: () => deleteKey(extension),
    },
    settings: {
      get: (name) => configuration().get(name),
      own,
      set,
      written: () => Object.fromEntries(ours().map((name) => [`claudeKimi.${name}`, own(name)])),
      async takeBack(shown) {
        for (const name of ours()) if (shown.includes(`claudeKimi.${name}`)) await set(name, undefined);
      },
      async ofWindow(folder) {
        const values = readWindowSettings(folder === undefined ? undefined : vscode.Uri.file(folder));
        return windowLayer(vscode.l10n.t, folder, values, vscode.workspace.isTrusted ? await readKey(extension) : undefined);
      },
    },
    stateDir: parts.stateDir,
    dist: path.join(parts.extensionPath, 'dist'),
    version: parts.version,
    runtime: { program: process.execPath, electron: Boolean(process.versions.electron) },
    platform: process.platform,
    env: process.env,
    home: homedir(),
    accountHome: null,
    envFiles: [],
    askForUpdates: false,
    whyNoAgentMode: parts.whyNoAgentMode,
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
    fetch: senders.asked,
    regions: testRegions(extension) ?? REGIONS,
    now: Date.now,
    log: (line) => parts.log.info(line),
    refresh() {
      parts.refresh();
      page.changed();
    },
    works: parts.works,
  };
  return context;
}

/** Tests play both platforms on this machine. */
function testRegions({ extensionMode }: vscode.ExtensionContext): string[] | null {
  const given = process.env.CLAUDE_KIMI_TEST_REGIONS;
  return given && extensionMode !== vscode.ExtensionMode.Production ? given.split(',') : null;
}
