import * as vscode from 'vscode';
import type { SettingName } from '../config.ts';
import { FOLDER_SETTINGS, USER_SETTINGS } from '../setup/setting-scopes.ts';

/**
 * What the user set in VS Code, and nothing of what is only a default: a default here must not win over a file there.
 * @param resource the folder whose own settings count, when it is trusted
 */
export function readWindowSettings(resource?: vscode.Uri): Partial<Record<SettingName, unknown>> {
  const configuration = vscode.workspace.getConfiguration('claudeKimi', resource);
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of USER_SETTINGS) values[name] = configuration.inspect(name)?.globalValue;
  if (vscode.workspace.isTrusted) {
    for (const name of FOLDER_SETTINGS) {
      const set = configuration.inspect(name);
      values[name] = set?.workspaceFolderValue ?? set?.workspaceValue ?? set?.globalValue;
    }
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ''));
}
