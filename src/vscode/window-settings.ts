import * as vscode from 'vscode';
import type { SettingName } from '../config.ts';
import { FOLDER_SETTINGS, USER_SETTINGS } from '../setup/setting-scopes.ts';
import { forbiddenBy, soundValue } from './brought-values.ts';
import { environmentRefusals } from './environment-refusals.ts';

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
      values[name] = soundValue(set?.workspaceFolderValue) ?? soundValue(set?.workspaceValue) ?? set?.globalValue;
    }
  }
  values.neverSend = neverSendPatterns(configuration.inspect('neverSend'));
  values.protectedBranches = protectedBranches(configuration.inspect('protectedBranches'));
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ''));
}

/** Those of a folder, and of the environment, add to the user's own, or to the usual ones, and free no branch. */
function protectedBranches(set: Inspected): unknown {
  const { defaultValue, globalValue } = set ?? {};
  const added = [...addedByFolder(set), ...environmentRefusals().protectedBranches];
  if (added.length === 0) return globalValue;
  const own = globalValue ?? defaultValue ?? [];
  return [...new Set([...(Array.isArray(own) ? own : [own]), ...added])];
}

type Inspected = ReturnType<vscode.WorkspaceConfiguration['inspect']>;

function addedByFolder(set: Inspected): string[] {
  if (!vscode.workspace.isTrusted) return [];
  return [set?.workspaceValue, set?.workspaceFolderValue].flatMap(forbiddenBy);
}

/** A repository brings the settings of its folder along: they add to the user's own, and take nothing back. */
function neverSendPatterns(set: Inspected): unknown {
  const { globalValue } = set ?? {};
  const own = Array.isArray(globalValue) ? globalValue : globalValue === undefined ? [] : [globalValue];
  const ofEnvironment = environmentRefusals().neverSend.filter((one) => !own.includes(one));
  const all = [...ofEnvironment, ...own, ...addedByFolder(set).filter((one) => !one.startsWith('!'))];
  return all.length > 0 ? all : undefined;
}
