/** Finds the sandbox program and tries it once with the real flags, since some systems forbid what it needs. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { findProgram } from '../common/find-program.ts';
import { type Message, message } from '../messages/message.ts';
import { type BubblewrapFeatures, namespaceArguments, systemArguments } from './bubblewrap-arguments.ts';
import { SYSTEM_PROGRAM_FOLDERS } from './host-folders.ts';

const PROBE_TIMEOUT_MS = 10_000;

export interface ProbeOptions {
  /** Absolute path of the program; only this one is tried. */
  readonly program?: string | undefined;
  /** Folders to search. Default: fixed system folders, never PATH. */
  readonly searchDirs?: readonly string[] | undefined;
}

/** `reason` is one line that says what to do. */
export type SandboxProbe =
  | { readonly ok: true; readonly program: string; readonly version: string; readonly features: BubblewrapFeatures }
  | { readonly ok: false; readonly reason: Message };

const successes = new Map<string, SandboxProbe>();

/** Whether commands can be sandboxed on this machine. A success is remembered for the life of the process. */
export async function probeSandbox(options: ProbeOptions = {}): Promise<SandboxProbe> {
  const key = JSON.stringify([options.program, options.searchDirs]);
  const known = successes.get(key);
  if (known) return known;
  const probe = await tryProgram(options);
  if (probe.ok) successes.set(key, probe);
  return probe;
}

async function tryProgram(options: ProbeOptions): Promise<SandboxProbe> {
  if (process.platform !== 'linux') return refuse(message('sandbox.noPlatform', { platform: process.platform }));
  const program = options.program ?? findProgram('bwrap', options.searchDirs ?? SYSTEM_PROGRAM_FOLDERS);
  if (!program) return refuse(message('sandbox.missing'));
  const help = await execute(program, ['--help']);
  if (!help.ok) return refuse(message('sandbox.notStarting', { program, said: help.output }));
  const version = (await execute(program, ['--version'])).output.replace(/^bubblewrap /, '');
  const features = { disableUserns: help.output.includes('--disable-userns'), tmpfsSize: help.output.includes('--size ') };
  // Inside some containers further user namespaces can't be switched off; the rest of the wall stands without that.
  const variants = features.disableUserns ? [features, { ...features, disableUserns: false }] : [features];
  let failure = '';
  for (const variant of variants) {
    const attempt = await execute(program, [...namespaceArguments(variant), ...systemArguments(variant), '--', '/bin/sh', '-c', ':']);
    if (attempt.ok) return { ok: true, program, version, features: variant };
    failure ||= attempt.output;
  }
  return refuse(message('sandbox.refused', { program, said: failure, remedy: howToAllow() }));
}

const refuse = (reason: Message): SandboxProbe => ({ ok: false, reason });

function howToAllow(): Message {
  if (readSetting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1') return message('sandbox.allowNamespaces.appArmor');
  if (readSetting('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    return message('sandbox.allowNamespaces', { setting: 'kernel.unprivileged_userns_clone=1' });
  if (readSetting('/proc/sys/user/max_user_namespaces') === '0')
    return message('sandbox.allowNamespaces', { setting: 'user.max_user_namespaces=15000' });
  return message('sandbox.allowNamespaces.container');
}

function readSetting(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

/** `output` is everything the program said on one line, or why it did not start. */
function execute(program: string, args: readonly string[]): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const options = { timeout: PROBE_TIMEOUT_MS, env: { PATH: '/usr/bin:/bin' }, cwd: '/' };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const said = `${stdout}${stderr}`.trim();
      resolve({ ok: !error, output: (error && !said ? error.message : said).replaceAll(/\s*\n\s*/g, '; ') });
    });
    child.stdin?.end();
  });
}
