import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { ToolCommandOptions, ToolWorkspace } from '../agent/types.ts';
import type { Sandbox } from '../sandbox/types.ts';
import type { PrivateGit } from '../workspace/private-git.ts';
import { grepWork, listWorkFiles } from '../workspace/search.ts';
import type { Checkpointer } from './checkpointer.ts';
import type { Preparation } from './prepare.ts';

/** The workspace as the model's tools see it: git for looking, the sandbox for commands, the checkpointer told of every change. */
export function createToolWorkspace(parts: {
  privateGit: PrivateGit;
  workTree: string;
  temp: string;
  sandbox: Sandbox;
  preparation: Preparation;
  checkpointer: Checkpointer;
}): ToolWorkspace {
  const outputs = path.join(parts.temp, 'output');
  mkdirSync(outputs, { recursive: true, mode: 0o700 });
  let commands = 0;
  return {
    root: parts.workTree,
    shownRoot: parts.sandbox.shownRoot,
    temp: { host: parts.temp, shown: parts.sandbox.shownTemp },
    get ready() {
      return parts.preparation.begin().then(() => parts.checkpointer.idle());
    },
    listFiles: (signal) => listWorkFiles(parts.privateGit, parts.workTree, signal),
    async search(query, signal) {
      const found = await grepWork(parts.privateGit, parts.workTree, query, signal);
      if (!found.ok) throw new Error(found.reason);
      return found.hits;
    },
    runCommand(command: string, options: ToolCommandOptions) {
      parts.checkpointer.markChanged();
      commands++;
      return parts.sandbox.run(command, { ...options, outputFile: path.join(outputs, `command-${commands}.txt`) });
    },
    touched: () => parts.checkpointer.markChanged(),
  };
}
