import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';

interface Throwaway {
  secrets: vscode.SecretStorage;
  logFolder: string;
  log: vscode.LogOutputChannel;
}

describe('in the extension host', () => {
  let throwaway: Throwaway;

  before(async () => {
    throwaway = await vscode.extensions.getExtension<Throwaway>('acme.throwaway')!.activate();
  });

  it('is a VS Code that offers MCP servers to extensions', () => {
    const [major, minor] = vscode.version.split('.').map(Number);
    assert.equal(major, 1);
    assert.ok(minor! >= 101, vscode.version);
    assert.equal(typeof vscode.lm.registerMcpServerDefinitionProvider, 'function');
  });

  it('keeps a secret', async () => {
    await throwaway.secrets.store('key', 'sk-throwaway');
    assert.equal(await throwaway.secrets.get('key'), 'sk-throwaway');
    await throwaway.secrets.delete('key');
    assert.equal(await throwaway.secrets.get('key'), undefined);
  });

  it('runs the extension and its commands', async () => {
    assert.ok((await vscode.commands.getCommands(true)).includes('throwaway.hello'));
  });

  it('writes log channels to the disk', async () => {
    const changes = watch(throwaway.logFolder, { recursive: true });
    try {
      throwaway.log.info('a line for the disk');
      await until(changes, async () => (await readAll(throwaway.logFolder)).includes('a line for the disk'));
    } finally {
      changes.close();
    }
  });

  it('opens the folder that the window was given', () => {
    assert.equal(vscode.workspace.workspaceFolders?.length, 1);
    assert.ok(vscode.workspace.isTrusted);
  });
});

/** Checks at once, and again after each change. Mocha's time limit ends it. */
function until(changes: ReturnType<typeof watch>, check: () => Promise<boolean>): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => check().then((done) => done && resolve(), reject);
    changes.on('change', look);
    look();
  });
}

async function readAll(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
}
