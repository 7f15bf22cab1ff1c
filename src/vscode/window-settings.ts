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
  values.neverSend = neverSendPatterns(configuration.inspect('neverSend'));
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ''));
}

/** A repository brings the settings of its folder along: they add to the user's own, and take nothing back. */
function neverSendPatterns(set: ReturnType<vscode.WorkspaceConfiguration['inspect']>): unknown {
  const { globalValue, workspaceValue, workspaceFolderValue } = set ?? {};
  const own = Array.isArray(globalValue) ? globalValue : globalValue === undefined ? [] : [globalValue];
  const added = vscode.workspace.isTrusted
    ? [workspaceValue, workspaceFolderValue].flatMap((value) => (Array.isArray(value) ? value : []))
    : [];
  const all = [...own, ...added.filter((one) => typeof one === 'string' && !one.startsWith('!'))];
  return all.length > 0 ? all : undefined;
}
