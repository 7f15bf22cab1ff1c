import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { HostInstall } from './provision.ts';

/** Just enough extension to prove that the host works: a command, a notification, a tree, a log, two languages. */
const MANIFEST = {
  name: 'throwaway',
  publisher: 'acme',
  displayName: 'Throwaway',
  version: '0.0.1',
  engines: { vscode: '^1.101.0' },
  main: './main.js',
  activationEvents: [],
  capabilities: { untrustedWorkspaces: { supported: 'limited', description: 'Only looks.' } },
  contributes: {
    commands: [
      { command: 'throwaway.hello', title: '%hello%', category: 'Throwaway' },
      { command: 'pr.create', title: 'Create Pull Request' },
      { command: 'throwaway.open', title: 'Open', icon: '$(go-to-file)' },
      { command: 'throwaway.delegated', title: 'Check Out What Was Delegated', category: 'Throwaway' },
      { command: 'throwaway.marks', title: 'Write Down Marks', category: 'Throwaway' },
    ],
    views: { explorer: [{ id: 'throwaway.fruits', name: 'Fruits' }] },
    menus: {
      'view/item/context': ['inline', 'navigation'].map((group) => ({
        command: 'throwaway.open',
        when: 'view == throwaway.fruits',
        group,
      })),
    },
    mcpServerDefinitionProviders: [{ id: 'throwaway.mcp', label: 'Throwaway' }],
  },
};

/** Where its command Write Down Marks puts what VS Code has noted of the start of this extension host: `{ name, startTime }`, in ms. */
export const MARKS = 'marks.json';

const MAIN = `
const vscode = require('vscode');
exports.activate = (context) => {
  const log = vscode.window.createOutputChannel('Throwaway', { log: true });
  log.info('throwaway is active, trusted: ' + vscode.workspace.isTrusted);
  const fruits = [{ label: 'Apple', description: 'red', collapsibleState: 2 }, { label: 'Banana', description: 'yellow', collapsibleState: 0 }];
  const provider = { getChildren: (item) => (item ? [{ label: 'Seed', collapsibleState: 0 }] : fruits), getTreeItem: (item) => item };
  context.subscriptions.push(
    log,
    vscode.window.registerTreeDataProvider('throwaway.fruits', provider),
    vscode.commands.registerCommand('throwaway.open', (item) => vscode.window.showInformationMessage('Opened ' + item.label)),
    // Of GitHub's extension, whose name this one may have.
    vscode.commands.registerCommand('pr.create', ({ repoPath, compareBranch }) => {
      if (require('node:fs').existsSync(require('node:os').homedir() + '/signed-out')) throw new Error('Nobody is signed in');
      vscode.window.showInformationMessage('A pull request of ' + compareBranch + ' in ' + repoPath);
    }),
    vscode.commands.registerCommand('throwaway.delegated', () => vscode.commands.executeCommand('claudeKimi.checkOut')),
    vscode.commands.registerCommand('throwaway.marks', () => {
      const folder = context.logUri.fsPath;
      require('node:fs').mkdirSync(folder, { recursive: true });
      require('node:fs').writeFileSync(folder + '/${MARKS}', JSON.stringify(globalThis.MonacoPerformanceMarks.getMarks()));
    }),
    vscode.commands.registerCommand('throwaway.hello', async () => {
      const words = vscode.l10n.t('Hello') + ' (' + (vscode.workspace.isTrusted ? 'trusted' : 'restricted') + ')';
      const answer = await vscode.window.showInformationMessage(words, 'Ask');
      if (answer === 'Ask') {
        const name = await vscode.window.showInputBox({ prompt: 'Your name' });
        const size = await vscode.window.showQuickPick(['Small', 'Large']);
        const really = await vscode.window.showWarningMessage('Really greet ' + name + '?', { modal: true }, 'Greet');
        vscode.window.showInformationMessage(really + ' ' + name + ' ' + size);
      }
    }),
    vscode.lm.registerMcpServerDefinitionProvider('throwaway.mcp', { provideMcpServerDefinitions: () => [] }),
  );
  return { secrets: context.secrets, logFolder: context.logUri.fsPath, log };
};
`;

const FILES: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ ...MANIFEST, l10n: './l10n' }),
  'package.nls.json': JSON.stringify({ hello: 'Say Hello' }),
  'package.nls.zh-cn.json': JSON.stringify({ hello: '打招呼' }),
  'l10n/bundle.l10n.zh-cn.json': JSON.stringify({ Hello: '你好' }),
  'main.js': MAIN,
};

/** Writes the extension as a folder, for `extensionDevelopmentPath`. */
export async function writeThrowaway(folder: string): Promise<string> {
  for (const [name, text] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
  return folder;
}

/** Packs the extension as a VSIX, with the zip library that VS Code itself carries; under another name it stands for somebody else's. */
export async function packThrowaway(install: HostInstall, file: string, changes: Partial<Identity> = {}): Promise<string> {
  const identity = { name: MANIFEST.name, publisher: MANIFEST.publisher, version: MANIFEST.version, ...changes };
  const { ZipFile } = createRequire(install.serverMain)('yazl') as { ZipFile: new () => ZipWriter };
  const zip = new ZipFile();
  for (const [name, text] of Object.entries(FILES)) {
    const named = name === 'package.json' ? JSON.stringify({ ...JSON.parse(text), ...identity }) : text;
    zip.addBuffer(Buffer.from(named), `extension/${name}`);
  }
  zip.addBuffer(Buffer.from(vsixManifest(identity)), 'extension.vsixmanifest');
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
  return file;
}

interface Identity {
  readonly name: string;
  readonly publisher: string;
  readonly version: string;
}

interface ZipWriter {
  readonly outputStream: NodeJS.ReadableStream;
  addBuffer(content: Buffer, name: string): void;
  end(): void;
}

function vsixManifest({ name, publisher, version }: Identity): string {
  return `<?xml version="1.0" encoding="utf-8"?><PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011"><Metadata><Identity Language="en-US" Id="${name}" Version="${version}" Publisher="${publisher}"/><DisplayName>${MANIFEST.displayName}</DisplayName></Metadata><Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation><Dependencies/><Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets></PackageManifest>`;
}
