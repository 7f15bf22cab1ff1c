import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { resolveSettings, type SettingName } from '../config.ts';
import { FOLDER_SETTINGS, USER_SETTINGS } from '../setup/setting-scopes.ts';
import { entriesOf, forbiddenBy, type Place, seenFrom, soundValue, WHOLE } from './brought-values.ts';
import { environmentRefusals } from './environment-refusals.ts';

/**
 * What the user set in VS Code, and nothing of what is only a default: a default here must not win over a file there.
 * @param resource the folder whose own settings count, when it is trusted; what they forbid does in any case
 * @param besides other folders of the same repository: what they keep back counts, too
 * @param placeOf where a folder lies to its repository
 */
export function readWindowSettings(
  resource?: vscode.Uri,
  besides: readonly vscode.Uri[] = [],
  placeOf: (folder: vscode.Uri) => Place = () => WHOLE,
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
  const settingsOf = (folder: vscode.Uri | undefined, its: vscode.WorkspaceConfiguration): FolderSettings => {
    const place = folder ? placeOf(folder) : WHOLE;
    return { configuration: its, place, inWorkspace: placesInWorkspace(folder, place, placeOf) };
  };
  const all = [
    settingsOf(resource, configuration),
    ...besides.map((folder) => settingsOf(folder, vscode.workspace.getConfiguration('claudeKimi', folder))),
  ];
  values.neverSend = neverSendPatterns(all);
  values.protectedBranches = protectedBranches(all);
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ''));
}

interface FolderSettings {
  readonly configuration: vscode.WorkspaceConfiguration;
  readonly place: Place;
  /** Where else it lies for what a workspace file says. */
  readonly inWorkspace: readonly Place[];
}

type List = 'neverSend' | 'protectedBranches';

/**
 * What the user has set for everything and, apart from it, what is set on the machine that the window is connected to. A `devcontainer.json` of a
 * repository sets that; as its value wins over the user's, `globalValue` has nothing of theirs then.
 */
function setForAll(configuration: vscode.WorkspaceConfiguration, name: List): { readonly own: unknown; readonly ofMachine: unknown } {
  const set: { globalValue?: unknown; globalLocalValue?: unknown; globalRemoteValue?: unknown } = configuration.inspect(name) ?? {};
  const { globalValue, globalLocalValue, globalRemoteValue: ofMachine } = set;
  return { own: ofMachine === undefined ? globalValue : globalLocalValue, ofMachine };
}

/** The lists that are set for everything, by the user, on the machine or by another extension, part by part. */
export function usersLists(): Record<List, unknown[]> {
  const configuration = vscode.workspace.getConfiguration('claudeKimi');
  const neverSend = [...broughtForAll(configuration), ...entriesOf('neverSend', setForAll(configuration, 'neverSend').own)];
  const { own, ofMachine } = setForAll(configuration, 'protectedBranches');
  const [first, added] = [own ?? defaultOfOthers(configuration), forbiddenBy('protectedBranches', ofMachine)];
  const usual = added.length > 0 ? configuration.inspect('protectedBranches')?.defaultValue : undefined;
  return { neverSend, protectedBranches: [...entriesOf('protectedBranches', first ?? usual), ...added] };
}

/** Those of a folder, of a machine and of the environment add to the user's own, or to the usual ones, and free no branch. */
function protectedBranches(all: readonly FolderSettings[]): unknown {
  const [{ configuration }] = all as [FolderSettings];
  const { own, ofMachine } = setForAll(configuration, 'protectedBranches');
  const { defaultValue } = configuration.inspect('protectedBranches') ?? {};
  const added = [
    ...forbiddenBy('protectedBranches', ofMachine),
    ...addedByFolders('protectedBranches', all),
    ...environmentRefusals().protectedBranches,
  ];
  const first = own ?? defaultOfOthers(configuration);
  if (added.length === 0 && entriesOf('protectedBranches', first).length === 0) return own;
  return [...new Set([...entriesOf('protectedBranches', first ?? defaultValue), ...added])];
}

/** The usual branches where they are not ours: another extension, as of a company, may give some for all of its users. */
function defaultOfOthers(configuration: vscode.WorkspaceConfiguration): unknown {
  const { defaultValue } = configuration.inspect('protectedBranches') ?? {};
  const usual = resolveSettings([]);
  const isOurs = usual.ok && isDeepStrictEqual(defaultValue, [...usual.settings.values.protectedBranches]);
  return isOurs ? undefined : defaultValue;
}

/** Ours is empty; another extension may give one. */
function broughtForAll(configuration: vscode.WorkspaceConfiguration): string[] {
  const { defaultValue } = configuration.inspect('neverSend') ?? {};
  const { ofMachine } = setForAll(configuration, 'neverSend');
  return [defaultValue, ofMachine].flatMap((value) => forbiddenBy('neverSend', value));
}

/** In Restricted Mode, too: a server with a key of its own works there all the same, and they only forbid. */
function addedByFolders(name: List, all: readonly FolderSettings[]): string[] {
  const each = all.flatMap(({ configuration, place, inWorkspace }) => {
    const { workspaceValue, workspaceFolderValue } = configuration.inspect(name) ?? {};
    const [ofWorkspace, ofFolder] = [workspaceValue, workspaceFolderValue].map((value) => forbiddenBy(name, value)) as [string[], string[]];
    if (name !== 'neverSend') return [...ofWorkspace, ...ofFolder];
    const seen = [...ofWorkspace, ...ofFolder].flatMap((pattern) => seenFrom(place, pattern));
    return [...seen, ...ofWorkspace.flatMap((pattern) => inWorkspace.flatMap((one) => seenFrom(one, pattern)))];
  });
  return [...new Set(each)];
}

/**
 * Where a folder lies for what a workspace of several says of it: below its file, and by its name there, with which VS Code itself shows its files
 * (`api/customers/a.csv`).
 */
function placesInWorkspace(folder: vscode.Uri | undefined, place: Place, placeOf: (folder: vscode.Uri) => Place): Place[] {
  const { workspaceFile, workspaceFolders = [] } = vscode.workspace;
  if (workspaceFile?.scheme !== 'file' || !folder) return [];
  const around = placeOf(vscode.Uri.file(path.dirname(workspaceFile.fsPath)));
  const name = workspaceFolders.find(({ uri }) => uri.fsPath === folder.fsPath)?.name;
  return [
    around,
    ...(name && place.below === ''
      ? [{ below: '', within: place.within.length > 0 ? place.within.map((way) => `${name}/${way}`) : [name] }]
      : []),
  ];
}

/** A repository brings the settings of its folder, and of its container, along: they add to the user's own, and take nothing back. */
function neverSendPatterns(all: readonly FolderSettings[]): unknown {
  const [{ configuration }] = all as [FolderSettings];
  const { own: given } = setForAll(configuration, 'neverSend');
  const own = entriesOf('neverSend', given);
  const ofEnvironment = environmentRefusals().neverSend.filter((one) => !own.includes(one));
  const added = [...broughtForAll(configuration), ...addedByFolders('neverSend', all)].filter((one) => !one.startsWith('!'));
  const patterns = [...ofEnvironment, ...own, ...new Set(added)];
  return patterns.length > 0 ? patterns : undefined;
}
