import * as vscode from 'vscode';
import { readKey } from './secret.ts';
import type { Session } from './session.ts';

/** `window`: VS Code's secret storage. `file`: `.env` in the state directory. */
export type KeySource = 'window' | 'file';

export interface SetUpState extends vscode.Disposable {
  /** Whether there is a key; true as long as nobody has looked yet, so that nothing flashes. */
  isSetUp(): boolean;
  /** Where the key for work of this window comes from; null = there is none. Looked up anew. */
  keySource(): Promise<KeySource | null>;
  /** What the endpoint bills in. */
  currency(): 'USD' | 'CNY';
  /** Looks again; the set-up part calls it after each change. */
  refresh(): Promise<void>;
  readonly onDidChange: vscode.Event<void>;
}

/** Follows whether the window is set up, for the welcome views (context key `claudeKimi.state`) and the status bar. */
export function watchSetUp(context: vscode.ExtensionContext, session: Session): SetUpState {
  const changed = new vscode.EventEmitter<void>();
  let hasKey: boolean | null = null;
  let state: 'ready' | 'notSetUp' | 'noRepository' | null = null;
  let currency: 'USD' | 'CNY' = 'CNY';

  async function readKeys() {
    const [{ currencyOf, fileLayers }, key] = await Promise.all([import('../config.ts'), readKey(context)]);
    const files = fileLayers({ ...process.env, CLAUDE_KIMI_HOME: session.stateDir }, __filename);
    return { key, file: files.find(({ values }) => values.apiKey), currencyOf };
  }

  async function refresh(): Promise<void> {
    const { key, file, currencyOf } = await readKeys();
    const setting = vscode.workspace.getConfiguration('claudeKimi').get<string>('baseUrl', '');
    const baseUrl = key || !file ? setting : String(file.values.baseUrl ?? setting);
    currency = URL.canParse(baseUrl) ? currencyOf(baseUrl) : 'CNY';
    hasKey = Boolean(key || file);
    await session.ready;
    tell();
  }

  function tell(): void {
    if (hasKey === null) return;
    const next = session.repositories().length === 0 ? 'noRepository' : hasKey ? 'ready' : 'notSetUp';
    if (next === state) return;
    state = next;
    void vscode.commands.executeCommand('setContext', 'claudeKimi.state', state);
    changed.fire();
  }

  const again = () => void refresh().catch((error: unknown) => session.log.warn(String(error)));
  const disposables = [
    changed,
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('claudeKimi') && again()),
    session.onDidChange(tell),
  ];
  again();
  return {
    isSetUp: () => state !== 'notSetUp',
    async keySource() {
      const { key, file } = await readKeys();
      return key ? 'window' : file ? 'file' : null;
    },
    currency: () => currency,
    refresh,
    onDidChange: changed.event,
    dispose() {
      for (const disposable of disposables) disposable.dispose();
    },
  };
}
