/**
 * The user's set-up command: what a checkout needs before anything runs in it, with files of credentials that no command of the model sees. It
 * runs in a working tree of its own, on the commit that the delegation began with, once; what git ignores there afterwards is lent to the
 * working trees of the attempt and of its checks. It is over, and the copies of the files are gone, before the model is asked.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { cutText } from '../../common/cut-text.ts';
import { hideSecrets } from '../../common/hide-secrets.ts';
import { readJson, writeJson } from '../../common/json-file.ts';
import { namesIn } from '../../common/list-names.ts';
import { contains } from '../../common/path-contains.ts';
import { readPlainFile } from '../../common/read-plain-file.ts';
import { realPathOf } from '../../common/real-path.ts';
import type { Settings } from '../../config.ts';
import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { type Message, message } from '../../messages/message.ts';
import { layerOver } from '../../sandbox/private-layers.ts';
import { openSandbox } from '../../sandbox/sandbox.ts';
import type { CommandResult, LentFolder, SandboxSpec } from '../../sandbox/types.ts';
import { checkout } from '../../workspace/checkout.ts';
import { type IgnoredEntries, ignoredEntries } from '../../workspace/ignored-entries.ts';
import { attachWorkTree, createPrivateGit } from '../../workspace/private-git.ts';
import { emptyFolder, removeLater } from '../../workspace/remove-tree.ts';
import { removeOddRuleFiles } from '../../workspace/rule-files.ts';
import type { Repository } from '../../workspace/types.ts';
import type { JournalEvent } from '../journal/journal.ts';
import type { DelegationFolder } from '../store/delegation-folder.ts';
import { guardWorkspace } from './workspace-guard.ts';

const MOST_BYTES = 1024 * 1024;
const SAID_CHARS = 600;
/** For which command, files and commit it has run, and what it made. */
const doneSchema = z.object({ key: z.string(), folders: z.array(z.string()), files: z.array(z.string()) });
const NOTHING: IgnoredEntries = { folders: [], files: [] };

export class SetUpFailed extends ErrorWithReason {}

export interface SetUp {
  /** Whether the model has to wait for it. */
  readonly isDue: boolean;
  /** Runs it, unless it has run here. @throws SetUpFailed */
  run(): Promise<void>;
  /** What it made, in the place of or over what is lent without it. */
  over(lent: readonly LentFolder[]): readonly LentFolder[];
  /** Its working tree, and the ignored files in there. */
  files(): { readonly root: string; readonly paths: readonly string[] };
}

export function createSetUp(options: {
  settings: Pick<Settings, 'setupCommand' | 'setupFiles' | 'sandboxProgram' | 'checkTimeoutSeconds'>;
  repository: Repository;
  folder: DelegationFolder;
  branch: string;
  /** The commit that the delegation began with, or one below it (`reviewedBase`): nothing that a model wrote is run with credentials. */
  base: string;
  spec(): SandboxSpec;
  signal: AbortSignal;
  emit(event: JournalEvent): void;
}): SetUp {
  const { settings, folder, signal, emit } = options;
  const command = settings.setupCommand ?? '';
  const at = (name: string) => path.join(folder.setUp, name);
  const key = createHash('sha256')
    .update(JSON.stringify([command, settings.setupFiles, options.base]))
    .digest('hex');
  let made = command ? readDone(at('done.json'), key) : NOTHING;
  removeLater(at('tmp')); // a server that was killed has left it

  async function runNow(): Promise<IgnoredEntries> {
    for (const empty of [folder.setUp, at('ws'), at('tmp')]) emptyFolder(empty);
    const home = options.spec().env['HOME'] ?? '';
    const secrets = settings.setupFiles.map((file) => lendFile(file, home, at('tmp/home')));
    const { repository, branch, base } = options;
    const git = await createPrivateGit({ dir: at('git'), repository, branch, commit: base });
    const tree = await checkout(git, at('ws'), base, signal);
    if (!tree.ok) throw new SetUpFailed(tree.reason);
    await attachWorkTree(git, at('ws'));
    const own = { workspace: at('ws'), gitDir: at('git'), temp: at('tmp'), layers: at('layers') };
    const opened = await openSandbox({ ...options.spec(), ...own }, { program: settings.sandboxProgram });
    if (!opened.ok) throw new SetUpFailed(opened.reason);
    const { sandbox } = opened;
    try {
      const timeoutMs = settings.checkTimeoutSeconds * 1000;
      const result = await sandbox.run(command, { cwd: '', network: true, timeoutMs, signal, outputFile: at('tmp/output.txt') });
      if (result.exitCode !== 0 && !signal.aborted) throw new SetUpFailed(failure(command, result, secrets));
      signal.throwIfAborted();
      return await guardWorkspace(sandbox).look(async () => {
        await removeOddRuleFiles(at('ws'));
        return ignoredEntries(git, at('ws'), signal);
      });
    } finally {
      await sandbox.close();
    }
  }

  async function run(): Promise<void> {
    emit({ type: 'setup', command, phase: 'start', text: '' });
    let text = 'pass';
    try {
      made = await runNow();
      writeJson(at('done.json'), { key, ...made });
    } catch (error) {
      text = signal.aborted ? 'cancelled' : 'failed';
      throw error;
    } finally {
      removeLater(at('tmp'));
      emit({ type: 'setup', command, phase: 'end', text });
    }
  }

  return {
    get isDue() {
      return made === null;
    },
    async run() {
      if (made === null) await run();
    },
    over(lent) {
      if (!command || made === null) return lent;
      const { folders } = made;
      const root = options.repository.root;
      const whole = folders.map((name) => ({ at: path.join(root, name), from: [path.join(at('ws'), name)] }));
      const rest = lent.filter((folder) => !whole.some((own) => contains(own.at, folder.at)));
      return [...rest.map((folder) => withLayer(folder, layerOver(at('layers'), folder.at))), ...whole];
    },
    files: () => ({ root: at('ws'), paths: (made ?? NOTHING).files }),
  };
}

function readDone(file: string, key: string): IgnoredEntries | null {
  const done = readJson(doneSchema, file);
  return done?.key === key ? done : null;
}

function withLayer(folder: LentFolder, layer: string): LentFolder {
  return namesIn(layer).length > 0 ? { ...folder, from: [layer, ...folder.from] } : folder;
}

/** @returns what stands in it */
function lendFile(file: string, home: string, shownHome: string): string {
  const real = realPathOf(file);
  const bytes = real && contains(home, file) ? readPlainFile(real, MOST_BYTES) : null;
  if (!real || !bytes) throw new SetUpFailed(message('end.setUpFile', { file }));
  const to = path.join(shownHome, path.relative(home, file));
  mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
  copyFileSync(real, to);
  return bytes.toString('utf8');
}

function failure(command: string, { exitCode, killed, head, tail, use }: CommandResult, secrets: readonly string[]): Message {
  const values = secrets.flatMap((text) => text.split(/[\s"'=:;,<>]+/)).filter((value) => value.length >= 6);
  const refused = (use.network?.refused ?? []).map((why) => `\n${why}`).join('');
  const said = values.reduce((text, value) => text.replaceAll(value, '(hidden)'), `${tail || head}${refused}`.trim());
  const how = killed ?? `exit ${exitCode}`;
  return message('end.setUpFailed', { command: cutText(command, 200), how, said: hideSecrets(said).slice(-SAID_CHARS) });
}
