import type * as vscode from 'vscode';

/** What VS Code keeps for an extension from one start to the next. */
export function memory(): vscode.Memento {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: (key: string, otherwise?: unknown) => values.get(key) ?? otherwise,
    update: async (key: string, value: unknown) => void values.set(key, structuredClone(value)),
  } as vscode.Memento;
}
