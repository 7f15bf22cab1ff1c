import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { SeenWorking } from '../status-bar/status-item.ts';
import type { WindowContext } from '../window-context.ts';
import { readKey } from './key-storage.ts';
import type { Walkthrough } from './walkthrough.ts';

const WORKING = 'claudeKimi.seenWorking';

/** `window`: VS Code's secret storage. `file`: `.env` in the state directory. */
export type KeySource = 'window' | 'file';

type SetupState = 'ready' | 'notConnected' | 'notSetUp';

export interface SetupStatus extends vscode.Disposable {
  /** Whether there is a key; true as long as nobody has looked yet, so that nothing flashes. */
  isSetUp(): boolean;
  /** Where the key for work of this window comes from; null = there is none. Looked up anew. */
  keySource(): Promise<KeySource | null>;
  /** When things were last seen to work, in any window. */
  working(): SeenWorking;
  /** Something was just seen to work. */
  works(what: keyof SeenWorking): void;
  /** Looks again; the set-up part calls it after each change. */
  refresh(): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
}

/** Follows whether the window is set up, for the welcome views (context key `claudeKimi.state`), the walkthrough and the status bar. */
export function watchSetup(context: vscode.ExtensionContext, window: WindowContext, walkthrough: Walkthrough): SetupStatus {
  const changed = new vscode.EventEmitter<void>();
  let setupState: SetupState | null = null;
  let shown: SetupState | 'noRepository' | 'noCommit' | null = null;

  /** A clock that was ahead would hide every failure until then. */
  const working = () => {
    const kept = context.globalState.get<Partial<SeenWorking>>(WORKING);
    const at = (what: keyof SeenWorking) => Math.min(Number(kept?.[what]) || 0, Date.now());
    return { key: at('key'), everything: at('everything'), sandbox: at('sandbox') };
  };

  async function refresh(): Promise<void> {
    const { key, file } = await readKeys(context, window.stateDir);
    const before = setupState;
    const connected = await knownToClaude(window.stateDir);
    setContexts(Boolean(key || file), connected, Boolean(file));
    setupState = !key && !file ? 'notSetUp' : connected ? 'ready' : 'notConnected';
    await window.ready;
    update();
    if (setupState !== before) changed.fire();
  }

  function setContexts(hasKey: boolean, connected: boolean, byFile: boolean): void {
    for (const [name, value] of Object.entries({ hasKey, connected }))
      void vscode.commands.executeCommand('setContext', `claudeKimi.${name}`, value);
    const { everything, sandbox } = working();
    const decided = vscode.workspace.getConfiguration('claudeKimi').inspect('repositories')?.globalValue !== undefined;
    const sandboxWorks = everything > 0 || sandbox > 0;
    walkthrough.tell({ key: hasKey, connect: connected, consent: decided || byFile, sandbox: sandboxWorks });
  }

  function update(): void {
    if (setupState === null) return;
    const next = window.repositories().length > 0 ? setupState : window.awaitsFirstCommit() ? 'noCommit' : 'noRepository';
    if (next === shown) return;
    shown = next;
    void vscode.commands.executeCommand('setContext', 'claudeKimi.state', shown);
    changed.fire();
  }

  const again = () => void refresh().catch((error: unknown) => window.log.warn(String(error)));
  const disposables = [
    changed,
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('claudeKimi') && again()),
    window.onDidChange(update),
    // It may have been connected in a terminal meanwhile.
    vscode.window.onDidChangeWindowState(({ focused }) => focused && setupState === 'notConnected' && again()),
  ];
  again();
  return {
    isSetUp: () => shown !== 'notSetUp',
    async keySource() {
      const { key, file } = await readKeys(context, window.stateDir);
      return key ? 'window' : file ? 'file' : null;
    },
    working,
    works(what) {
      const before = context.globalState.get<Partial<SeenWorking>>(WORKING);
      void context.globalState.update(WORKING, { ...before, [what]: Date.now() });
      changed.fire();
      again();
    },
    refresh,
    onDidChange: changed.event,
    dispose() {
      for (const disposable of disposables) disposable.dispose();
    },
  };
}

/** What a server of this window would find: the key in VS Code's secret storage, else the file in the state directory. */
async function readKeys(context: vscode.ExtensionContext, stateDir: string) {
  const [{ fileLayers }, key] = await Promise.all([import('../../setting-files.ts'), readKey(context)]);
  const files = fileLayers(stateDir, __filename);
  return { key, file: files.find(({ values }) => values.apiKey) };
}

async function knownToClaude(stateDir: string): Promise<boolean> {
  const [{ isConnected }, { claudeFiles }] = await Promise.all([
    import('../../claude/setup-record.ts'),
    import('../../claude/claude-files.ts'),
  ]);
  return isConnected(stateDir, claudeFiles(process.env, homedir()));
}
