/** Runs a check and keeps what counts as evidence. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { cutText, wholeLines } from '../common/cut-text.ts';
import { cleanOutput, lastChars } from '../sandbox/clean-output.ts';
import type { CommandResult, Sandbox } from '../sandbox/types.ts';
import { findMissing } from './find-missing.ts';
import { readFindings } from './read-test-output.ts';
import type { CheckRun, KeptOutput } from './types.ts';

const TAIL_CHARS = 4000;
/** The summary stands at the end; this much of a long output is searched for names of failing tests. */
const SEARCHED_BYTES = 4 * 1024 * 1024;
/** So much of the end of a long output is kept for whoever wants to read it. */
const KEPT_BYTES = 1024 * 1024;

export interface CheckOptions {
  /** Folder relative to the working tree; '' = the root. */
  readonly cwd: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Host file for a long output; removed again when the output was short. */
  readonly outputFile: string;
  /** The working tree, as the host sees it. */
  readonly tree: string;
  /** Takes all that it printed. */
  onOutput?(text: string): void;
  /** Keeps the end of an output that is longer than the tail. @returns the name of the file; null = it could not be kept */
  keepOutput?(text: string): string | null;
}

/**
 * Runs a check in the working tree, without network. What it installs at its beginning is run first, with the package
 * registries in reach.
 */
export async function runCheck(sandbox: Sandbox, command: string, options: CheckOptions): Promise<CheckRun> {
  const { splitInstalls } = await import('../sandbox/find-installs.ts'); // with a parser that most starts of the server do not need
  const { install, rest } = splitInstalls(command);
  const ready = install === null ? null : await runPart(sandbox, install, options, true);
  if (ready && (rest === null || ready.exitCode !== 0 || ready.killed)) return { ...ready, installs: true };
  return runPart(sandbox, rest ?? command, options, false);
}

async function runPart(sandbox: Sandbox, script: string, options: CheckOptions, network: boolean): Promise<CheckRun> {
  const result = await sandbox.run(script, { network, ...options });
  const output = await wholeOutput(result);
  options.onOutput?.(output);
  const kept = await keptOutput(result, options);
  const { counts, failing } = readFindings(output);
  const testedNothing = counts === null || counts.passed === 0;
  // Many programs show nothing of the proxy's answer.
  const refused = result.exitCode === 0 ? [] : (result.use.network?.refused ?? []).map((why) => `\n[network: ${cutText(why, 300)}]`);
  const missing = result.exitCode !== 0 && result.killed === null && testedNothing ? findMissing(output, options.tree) : null;
  return {
    exitCode: result.exitCode,
    killed: result.killed,
    durationMs: result.durationMs,
    counts,
    failing,
    tail: lastChars((result.tail || result.head) + refused.join(''), TAIL_CHARS),
    ...(kept && { output: kept }),
    ...(missing && { missing }),
  };
}

/** Most of it is never looked at, but whoever looks for a failure needs what stands around it. */
async function keptOutput(result: CommandResult, { keepOutput }: CheckOptions): Promise<KeptOutput | null> {
  const tail = result.tail || result.head;
  if (!keepOutput || (result.tail === '' && tail.length <= TAIL_CHARS)) return null;
  const { text, left } = await endOfOutput(result);
  const file = keepOutput(text);
  return file === null ? null : { file, left };
}

/** The last bytes of what a command printed, without half a line at their beginning. */
async function endOfOutput(result: CommandResult): Promise<{ text: string; left: number }> {
  if (result.tail === '') return { text: result.head, left: 0 };
  try {
    await using file = await openPlain(result.outputFile!);
    const { size } = await file.stat();
    // What came behind the limit of the file is known by its tail alone.
    if (size < result.totalBytes) return { text: result.tail, left: Math.max(0, result.totalBytes - Buffer.byteLength(result.tail)) };
    const from = Math.max(0, size - KEPT_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    const end = cleanOutput(buffer.subarray(0, bytesRead));
    return { text: from > 0 ? wholeLines(end, 'tail') : end, left: from };
  } catch {
    return { text: `${result.head}\n[…]\n${result.tail}`, left: 0 };
  }
}

export async function wholeOutput(result: CommandResult): Promise<string> {
  const kept = `${result.head}\n${result.tail}`;
  if (!result.outputFile || result.tail === '') return kept;
  try {
    // The file stops at a limit, so the end comes from the tail; a summary that is in both must not count twice.
    const text = await readStart(result.outputFile);
    // Where the tail begins, if the file reaches so far: not before the last of its own length. Elsewhere it is not looked for, since
    // that takes seconds in a text of equal characters.
    const overlap = result.tail.slice(0, 1000);
    const from = Math.max(0, text.length - result.tail.length);
    const at = overlap ? text.slice(from).lastIndexOf(overlap) : -1;
    return at < 0 ? `${text}\n${result.tail}` : text.slice(0, from + at) + result.tail;
  } catch {
    return kept;
  }
}

async function readStart(path: string): Promise<string> {
  await using file = await openPlain(path);
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(SEARCHED_BYTES), position: 0 });
  return cleanOutput(buffer.subarray(0, bytesRead));
}

const openPlain = (path: string) => open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
