/** Finds the sandbox program and tries it once with the real flags, since some systems forbid what it needs. */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { findProgram, isProgram } from '../common/find-program.ts';
import type { Message } from '../messages/message.ts';
import { type BubblewrapFeatures, mountArguments, namespaceArguments, systemArguments, wrappedCommand } from './bubblewrap-arguments.ts';
import { type Machine, readHostFacts, thisMachine } from './host-facts.ts';
import { SYSTEM_PROGRAM_FOLDERS, systemMounts } from './host-folders.ts';
import { SANDBOX_EXEC } from './open-seatbelt.ts';
import { guardingCommand, ownDevices } from './own-devices.ts';
import { ownUser } from './own-user.ts';
import { explainFailure, type ProbeFailure } from './sandbox-remedies.ts';
import { seccompFilter } from './seccomp-filter.ts';
import { HIDDEN_IN_PROC } from './system-parts.ts';

const PROBE_TIMEOUT_MS = 10_000;

export interface ProbeOptions {
  /** Absolute path of the program; only this one is tried. */
  readonly program?: string | undefined;
  /** Folders to search. Default: fixed system folders, never PATH. */
  readonly searchDirs?: readonly string[] | undefined;
  /** The machine whose kind decides what helps; tests play another one. */
  readonly machine?: Machine | undefined;
  /** What Node calls the processor; tests play another one. */
  readonly processor?: string | undefined;
}

/** `reason` says in one line what is wrong and what to do; `commands` are those of it that mend it. */
export type SandboxProbe =
  | {
      readonly ok: true;
      readonly kind: 'bubblewrap';
      readonly program: string;
      readonly version: string;
      readonly features: BubblewrapFeatures;
      /** Whether commands can have a way to the network; socat makes it. */
      readonly network: boolean;
    }
  | { readonly ok: true; readonly kind: 'seatbelt'; readonly program: string }
  | { readonly ok: false; readonly reason: Message; readonly commands: readonly string[] };

/** The youngest of the options that can't be done without: from 0.4. */
const OLDEST_OPTION = '--json-status-fd';
const UNTRIED = { program: '', said: '', setuid: false };
const successes = new Map<string, SandboxProbe>();

/** Whether commands can be sandboxed on this machine. A success is remembered for the life of the process. */
export async function probeSandbox(options: ProbeOptions = {}): Promise<SandboxProbe> {
  const key = JSON.stringify([options.program, options.searchDirs, options.machine?.platform, options.processor]);
  const known = successes.get(key);
  if (known) return known;
  const probe = await tryProgram(options);
  if (probe.ok) successes.set(key, probe);
  return probe;
}

async function tryProgram(options: ProbeOptions): Promise<SandboxProbe> {
  const refuse = (failure: ProbeFailure): SandboxProbe => ({ ok: false, ...explainFailure(failure, readHostFacts(options.machine)) });
  const { platform } = options.machine ?? thisMachine;
  if (platform === 'darwin') return trySandboxExec(options.program ?? SANDBOX_EXEC, refuse);
  if (platform !== 'linux') return refuse({ ...UNTRIED, kind: 'no-platform' });
  const processor = options.processor ?? process.arch;
  const seccomp = seccompFilter(processor, ownUser());
  if (!seccomp) return refuse({ ...UNTRIED, kind: 'no-processor', said: processor });
  const program = options.program ?? findProgram('bwrap', options.searchDirs ?? SYSTEM_PROGRAM_FOLDERS);
  if (!program) return refuse({ ...UNTRIED, kind: 'missing' });
  const help = await execute(program, ['--help']);
  const tried = { program, setuid: isSetuid(program) };
  if (!help.ok) return refuse({ ...tried, kind: 'not-starting', said: help.output });
  if (!help.output.includes(OLDEST_OPTION)) return refuse({ ...tried, kind: 'refused', said: `it has no option ${OLDEST_OPTION}` });
  const version = (await execute(program, ['--version'])).output.replace(/^bubblewrap /, '');
  const features: BubblewrapFeatures = {
    disableUserns: help.output.includes('--disable-userns'),
    tmpfsSize: help.output.includes('--size '),
    unshare: findProgram('unshare', options.searchDirs ?? SYSTEM_PROGRAM_FOLDERS),
    hiddenInProc: HIDDEN_IN_PROC.filter(isReadable),
    devices: ownDevices(),
  };
  const network = findProgram('socat', SYSTEM_PROGRAM_FOLDERS) !== null;
  let failure = '';
  for (const variant of weakerVariants(features)) {
    const [wrapper = program, ...before] = wrappedCommand(program, variant.unshare, ownUser(), guardingCommand(variant.devices, null));
    const mounts = systemMounts().flatMap(mountArguments);
    const flags = [...namespaceArguments(variant), ...mounts, ...systemArguments(variant), '--remount-ro', '/', '--seccomp', '3'];
    const attempt = await execute(wrapper, [...before, ...flags, '--', '/bin/sh', '-c', ':'], seccomp);
    if (attempt.ok) return { ok: true, kind: 'bubblewrap', program, version, features: variant, network };
    failure ||= attempt.output;
  }
  return refuse({ ...tried, kind: 'refused', said: failure });
}

/** What the user can't read stays unreadable inside, without a mount. */
function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** With the real profile, around nothing. */
async function trySandboxExec(program: string, refuse: (failure: ProbeFailure) => SandboxProbe): Promise<SandboxProbe> {
  if (!isProgram(program)) return refuse({ ...UNTRIED, kind: 'missing' });
  const { seatbeltProfile } = await import('./seatbelt-profile.ts');
  const readable = systemMounts('darwin').map(({ at }) => at);
  const profile = seatbeltProfile({ readable, unreadable: [], writable: [], fixed: [], proxyPort: null });
  const attempt = await execute(program, ['-p', profile, '/bin/bash', '-c', ':']);
  if (attempt.ok) return { ok: true, kind: 'seatbelt', program };
  return refuse({ program, setuid: false, kind: 'refused', said: attempt.output });
}

/** Whether the program runs with the rights of its owner, whoever starts it. */
function isSetuid(program: string): boolean {
  return ((statSync(program, { throwIfNoEntry: false })?.mode ?? 0) & 0o4000) !== 0;
}

/**
 * The best first. Inside some containers further user namespaces can't be switched off, and Ubuntu's AppArmor grants namespaces to
 * bubblewrap but not to `unshare`; the rest of the wall stands without either.
 */
function weakerVariants(features: BubblewrapFeatures): BubblewrapFeatures[] {
  const stages = features.unshare ? [features.unshare, null] : [null];
  const locks = features.disableUserns ? [true, false] : [false];
  const guards = features.devices.length > 0 ? [features.devices, []] : [[]];
  return stages.flatMap((unshare) =>
    (unshare === null ? [[]] : guards).flatMap((devices) =>
      locks.map((disableUserns) => ({ ...features, unshare, devices, disableUserns })),
    ),
  );
}

/**
 * `output` is everything the program said on one line, or why it did not start.
 * @param input what it can read on descriptor 3
 */
function execute(program: string, args: readonly string[], input?: Uint8Array): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      timeout: PROBE_TIMEOUT_MS,
      env: { PATH: '/usr/bin:/bin' },
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe', input ? 'pipe' : 'ignore'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
    (child.stdio[3] as Writable | null)?.on('error', () => {}).end(input);
    const end = (ok: boolean, why: string) => resolve({ ok, output: (said.trim() || why).replaceAll(/\s*\n\s*/g, '; ') });
    child.once('error', (error) => end(false, error.message));
    child.once('close', (code, signal) => end(code === 0, code === 0 ? '' : `it ended with ${signal ?? code}`));
  });
}
