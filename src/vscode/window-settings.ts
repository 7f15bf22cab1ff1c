import * as vscode from 'vscode';
import type { SettingName } from '../config.ts';
import { FOLDER_SETTINGS, USER_SETTINGS } from '../setup/setting-scopes.ts';
import { entriesOf, forbiddenBy, seenFrom, soundValue } from './brought-values.ts';
import { environmentRefusals } from './environment-refusals.ts';

/**
 * What the user set in VS Code, and nothing of what is only a default: a default here must not win over a file there.
 * @param resource the folder whose own settings count, when it is trusted
 * @param besides other folders of the same repository: what they keep back counts, too
 * @param below where in its repository a folder lies; '' = it is the whole
 */
export function readWindowSettings(
  resource?: vscode.Uri,
  besides: readonly vscode.Uri[] = [],
  below: (folder: vscode.Uri) => string = () => '',
): Partial<Record<SettingName, unknown>> {
  const configuration = vscode.workspace.getConfiguration('claudeKimi', resource);
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of USER_SETTINGS) values[name] = configuration.inspect(name)?.globalValue;
  if (vscode.workspace.isTrusted) {
    for (const name of FOLDER_SETTINGS) {
      const set = configuration.inspect(name);
      values[name] = soundValue(set?.workspaceFolderValue) ?? soundValue(set?.workspaceValue) ?? set?.globalValue;
    }
  }
  const all: FolderSettings[] = [
    { configuration, below: resource ? below(resource) : '' },
    ...besides.map((folder) => ({ configuration: vscode.workspace.getConfiguration('claudeKimi', folder), below: below(folder) })),
  ];
  values.neverSend = neverSendPatterns(all);
  values.protectedBranches = protectedBranches(all);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ''));
}

interface FolderSettings {
  readonly configuration: vscode.WorkspaceConfiguration;
  readonly below: string;
}

/** Those of a folder, and of the environment, add to the user's own, or to the usual ones, and free no branch. */
function protectedBranches(all: readonly FolderSettings[]): unknown {
  const { defaultValue, globalValue } = all[0]?.configuration.inspect('protectedBranches') ?? {};
  const added = [...addedByFolders('protectedBranches', all), ...environmentRefusals().protectedBranches];
  if (added.length === 0 && entriesOf('protectedBranches', globalValue).length === 0) return globalValue;
  return [...new Set([...entriesOf('protectedBranches', globalValue ?? defaultValue), ...added])];
}

function addedByFolders(name: 'neverSend' | 'protectedBranches', all: readonly FolderSettings[]): string[] {
  if (!vscode.workspace.isTrusted) return [];
  const each = all.flatMap(({ configuration, below }) => {
    const { workspaceValue, workspaceFolderValue } = configuration.inspect(name) ?? {};
    const given = [workspaceValue, workspaceFolderValue].flatMap((value) => forbiddenBy(name, value));
    return name === 'neverSend' ? given.flatMap((pattern) => seenFrom(below, pattern)) : given;
  });
  return [...new Set(each)];
}

/** A repository brings the settings of its folder along: they add to the user's own, and take nothing back. */
function neverSendPatterns(all: readonly FolderSettings[]): unknown {
  const own = entriesOf('neverSend', all[0]?.configuration.inspect('neverSend')?.globalValue);
  const ofEnvironment = environmentRefusals().neverSend.filter((one) => !own.includes(one));
  const patterns = [...ofEnvironment, ...own, ...addedByFolders('neverSend', all).filter((one) => !one.startsWith('!'))];
  return patterns.length > 0 ? patterns : undefined;
}
