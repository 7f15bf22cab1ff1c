/** Keeps host and sandbox apart: nothing of ours looks into a working tree while a process of a command lives, nor the other way round. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ErrorWithReason } from '../../messages/error-with-reason.ts';
import { message } from '../../messages/message.ts';
import { endLeftCommands } from '../../sandbox/sandbox.ts';
import type { CommandResult, Sandbox } from '../../sandbox/types.ts';
import type { DelegationFolder } from '../store/delegation-folder.ts';

/** A command that is cancelled gets half a second to end by itself; after the kill the kernel takes milliseconds. */
const QUIET_MS = 5000;

/** Processes of a command do not end, though they were killed: what they can change cannot be read. */
export class WorkspaceBusy extends ErrorWithReason {
  constructor() {
    super(message('end.processesLeft'));
  }
}

/**
 * Ends what a run that was killed has left of its commands; to be called under the lease, before anything of the workspace is touched.
 * Its temp folder tells: a run that ends removes it once nothing lives. @throws WorkspaceBusy
 */
export async function endCommandsOf(folder: DelegationFolder): Promise<void> {
  if (existsSync(folder.temp) && !(await endLeftCommands([folder.workTree, folder.checkTree, path.join(folder.setUp, 'ws')])))
    throw new WorkspaceBusy();
}

export interface WorkspaceGuard {
  /** Resolves when no process of a command lives. @throws WorkspaceBusy */
  quiet(): Promise<void>;
  /** Lets something of the host read or change the working tree. @throws WorkspaceBusy when a command does not end */
  look<T>(act: () => T | Promise<T>): Promise<T>;
  /** Lets a command run, once nobody looks. */
  run(command: () => Promise<CommandResult>): Promise<CommandResult>;
  /** A tool of ours has laid what a command may lay: the next look is preceded by tidying up, too. */
  untidy(): void;
  /** Begins to watch; what it returns tells whether a command has run since. */
  watch(): () => boolean;
}

/**
 * A swap of a folder for a link, at the right moment, would make whoever reads by path read anything of the user's.
 * @param tidy done before the first look after a command
 */
export function guardWorkspace(
  sandbox: Pick<Sandbox, 'quiet'>,
  { tidy = async () => {}, quietMs = QUIET_MS }: { tidy?: () => Promise<void>; quietMs?: number } = {},
): WorkspaceGuard {
  const looking = new Set<Promise<unknown>>();
  const running = new Set<Promise<unknown>>();
  let isTidy: Promise<void> | null = Promise.resolve();
  let begun = 0;

  async function quiet(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, quietMs, false);
    });
    const isQuiet = await Promise.race([commandsEnd().then(() => true), tooLate]);
    clearTimeout(timer);
    if (!isQuiet) throw new WorkspaceBusy();
  }
  async function commandsEnd(): Promise<void> {
    while (running.size > 0) await Promise.all(running);
    await sandbox.quiet();
  }

  return {
    quiet,
    async look(act) {
      do await quiet();
      while (running.size > 0);
      isTidy ??= tidy().catch(() => {}); // what cannot be tidied up is met by the time limit of who reads it
      return noted(looking, isTidy.then(act));
    },
    async run(command) {
      while (looking.size > 0) await Promise.all(looking);
      isTidy = null;
      begun++;
      return noted(running, command());
    },
    untidy() {
      isTidy = null;
    },
    watch() {
      const ended = begun - running.size;
      return () => begun > ended;
    },
  };
}

function noted<T>(among: Set<Promise<unknown>>, done: Promise<T>): Promise<T> {
  const settled = done.catch(() => {});
  among.add(settled);
  void settled.finally(() => among.delete(settled));
  return done;
}
