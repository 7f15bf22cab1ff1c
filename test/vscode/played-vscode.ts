import { registerHooks } from 'node:module';
import type * as vscode from 'vscode';

/** What a test sets and sees of a VS Code that is played. */
export interface PlayedVscode {
  settings: Record<string, unknown>;
  /** Those of single folders, by their paths. */
  folderSettings: Record<string, Record<string, unknown>>;
  /** Those of the machine that the window is connected to; they win over the user's. */
  machineSettings: Record<string, unknown>;
  /** Those of a workspace of several folders, and its file. */
  workspaceSettings: Record<string, unknown>;
  workspaceFile: string | undefined;
  /** What other extensions give as the usual values. */
  defaultSettings: Record<string, unknown>;
  isTrusted: boolean;
  /** Who is told that settings have changed. */
  configured: ((event: { affectsConfiguration(name: string): boolean }) => void)[];
  /** Those that are open. */
  folders: readonly string[];
  /** Every message. */
  told: string[];
  /** What stood below each, where anything did. */
  details: string[];
  /** Other extensions, by their ids. */
  extensions: Record<string, unknown>;
  /** Who gives servers to VS Code's own agent mode. */
  provider?: vscode.McpServerDefinitionProvider<vscode.McpStdioServerDefinition>;
  /** Pages that were opened in a browser. */
  opened: string[];
  /** Answers a message by one of its buttons, when it likes. */
  answer(text: string, buttons: readonly string[]): string | undefined;
  /** Writes the answer into an input box, and may take its time. */
  write(): string;
  /** Chooses from a list, and may take its time. */
  choose(items: readonly { readonly label: string }[]): Promise<unknown>;
  /** Answers a question with a proposal in it. */
  type(proposed: string): string | undefined;
}

const VSCODE = `
export const played = { folders: [], configured: [], settings: {}, machineSettings: {}, folderSettings: {}, workspaceSettings: {}, workspaceFile: undefined, defaultSettings: {}, isTrusted: true, told: [], details: [], extensions: {}, opened: [], answer: () => undefined, write: () => '', type: () => undefined, choose: async () => undefined };
const show = async (text, ...rest) => { played.told.push(text); played.details.push(rest[0]?.detail ?? ''); return played.answer(text, rest.filter((one) => typeof one === 'string')); };
const on = () => ({ dispose() {} });
export const l10n = { t: (text, ...args) => text.replace(/\\{(\\d)\\}/g, (_, at) => args[at]) };
export class ThemeColor {}
export class ThemeIcon {}
export class Disposable { static from = (...all) => ({ dispose: () => all.forEach((one) => one.dispose()) }); }
export class EventEmitter { event = on; fire() {} dispose() {} }
export const StatusBarAlignment = {}, ConfigurationTarget = {};
export const window = {
  showInformationMessage: show,
  showWarningMessage: show,
  showErrorMessage: show,
  showQuickPick: (items) => played.choose(items),
  showInputBox: async ({ value }) => played.type(value),
  withProgress: (_, work) => work(),
  createStatusBarItem: () => ({ show() {}, dispose() {} }),
  createInputBox() {
    let accept;
    return { value: '', onDidTriggerButton: on, onDidHide: on, onDidChangeValue: on, onDidAccept: (listener) => (accept = listener), dispose() {},
      show() { this.value = played.write(); accept(); } };
  },
};
export class Uri { static file = (fsPath) => ({ fsPath }); static parse = (page) => ({ page }); }
export const env = { openExternal: async ({ page }) => played.opened.push(page) };
export const ProgressLocation = {};
export const lm = { registerMcpServerDefinitionProvider(_, provider) { played.provider = provider; return { dispose() {} }; } };
export class McpStdioServerDefinition { constructor(label, command, args, env, version) { Object.assign(this, { label, command, args, env, version }); } }
export const extensions = { getExtension: (id) => played.extensions[id], onDidChange: on };
export const commands = { registerCommand: on, executeCommand: async () => {} };
export const workspace = { get isTrusted() { return played.isTrusted; }, onDidChangeWorkspaceFolders: on, onDidGrantWorkspaceTrust: on,
  onDidChangeConfiguration(listener) { played.configured.push(listener); return { dispose() {} }; },
  get workspaceFile() { return played.workspaceFile && { scheme: 'file', fsPath: played.workspaceFile }; },
  get workspaceFolders() { return played.folders.map((fsPath) => ({ name: fsPath.split('/').at(-1), uri: { scheme: 'file', fsPath } })); }, getConfiguration: (_, resource) => ({
  get: (name, otherwise) => played.settings[name] ?? otherwise,
  inspect: (name) => ({ defaultValue: played.defaultSettings[name], globalValue: played.machineSettings[name] ?? played.settings[name], globalLocalValue: played.settings[name], globalRemoteValue: played.machineSettings[name], workspaceValue: played.workspaceSettings[name], workspaceFolderValue: played.folderSettings[resource?.fsPath]?.[name] }),
  update: async (name, value) => { played.settings[name] = value; },
}) };
`;
const URL_OF_IT = `data:text/javascript,${encodeURIComponent(VSCODE)}`;

let isPlayed = false;

/** As much of VS Code as asks, tells and keeps settings: for what our code alone decides between a question and its answer. One for all tests. */
export async function playVscode(): Promise<PlayedVscode> {
  if (!isPlayed)
    registerHooks({ resolve: (name, context, next) => (name === 'vscode' ? { url: URL_OF_IT, shortCircuit: true } : next(name, context)) });
  isPlayed = true;
  const { played } = (await import(URL_OF_IT)) as { played: PlayedVscode };
  return Object.assign(played, {
    folders: [],
    configured: [],
    settings: {},
    machineSettings: {},
    folderSettings: {},
    workspaceSettings: {},
    workspaceFile: undefined,
    defaultSettings: {},
    isTrusted: true,
    told: [],
    details: [],
    extensions: {},
    opened: [],
    answer: () => undefined,
    write: () => '',
    type: () => undefined,
    choose: async () => undefined,
  });
}
