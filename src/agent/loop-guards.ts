/** Watches for a model that goes in circles: reminds it in the result it is about to read, and in the end stops it. */
import { createHash } from 'node:crypto';
import { type Message, message } from '../messages/message.ts';
import type { Tool, ToolCall } from './types.ts';
import { NOT_FINISHED } from './unmended-failures.ts';

/** What the guards say to one tool result. */
export interface Advice {
  /** Appended to the result that the model reads. */
  reminder: string | null;
  /** The calls that the model goes round in, when it is time to take them out of the history. */
  rollBack: CallKeys | null;
  /** Why the loop must end, for Claude and the user. */
  stop: Message | null;
}

/** Calls by what they were and gave (see `callKey`). */
export interface CallKeys {
  readonly keys: ReadonlySet<string>;
  /** Whether the first of each is worth keeping: its result is what the model knows from them. */
  readonly keepFirst: boolean;
}

/** One finished call, as the guards see it. */
export interface FinishedCall {
  name: string;
  /** The arguments as the model wrote them. */
  args: string;
  result: string;
  /** It did what it is for: an edit was made, a command ran (whatever its exit code). */
  ok: boolean;
  effect: Tool['effect'] | null;
}

/** Each guard reminds a few times, the last time with the repeats taken out of the history, and then stops. */
const REMIND_IDENTICAL = [3, 5, 8];
const ROLL_BACK_IDENTICAL = 8;
const STOP_IDENTICAL = 12;
const REMIND_CYCLES = [3, 5];
const ROLL_BACK_CYCLES = 5;
const STOP_CYCLES = 8;
const LONGEST_CYCLE = 8;
const REMIND_FAILED_EDITS = [4, 8, 12];
const ROLL_BACK_FAILED_EDITS = 12;
const STOP_FAILED_EDITS = 16;
const REMIND_NO_CHANGE = [30, 60];
const STOP_NO_CHANGE = 90;
/** The calls that cycles are looked for in: enough for the longest cycle, as often as it takes to stop. */
const MEMORY = LONGEST_CYCLE * (STOP_CYCLES + 1);

interface Count {
  times: number;
  readonly isCommand: boolean;
}

export class Guards {
  /** Since the last change: after one, the same command with the same result is work, not a circle. */
  #seen = new Map<string, Count>();
  #recent: string[] = [];
  /** Keys of the edits that failed since the last one that worked. */
  #failedEdits: string[] = [];
  #edits = 0;
  #unprovenEdit = false;
  /** The working tree when it was last known, and whether that is now. */
  #tree: string | null = null;
  #treeIsKnown = false;
  #treeIsTold = false;
  /** Commands that ran since then. */
  #commands = new Set<string>();
  #stepsWithoutChange = 0;

  /** Whether something was edited successfully and no command ran since. */
  get unprovenEdit(): boolean {
    return this.#unprovenEdit;
  }

  /** Successful edits so far. */
  get edits(): number {
    return this.#edits;
  }

  /** Whether it is time to say (or to stop for it) that nothing changes; worth a look at the tree when that is not known. */
  get seemsStalled(): boolean {
    return REMIND_NO_CHANGE.includes(this.#stepsWithoutChange) || this.#stepsWithoutChange >= STOP_NO_CHANGE;
  }

  /** @param tree a name of the working tree's state; null = not known just now, undefined = nothing tells it */
  beginStep(tree: string | null | undefined): void {
    this.#stepsWithoutChange++;
    this.#treeIsKnown = false;
    this.#treeIsTold = tree !== undefined;
    if (typeof tree === 'string') this.sawTree(tree);
  }

  /** What the commands before did to the working tree. */
  sawTree(tree: string): void {
    const changed = this.#tree === null ? this.#commands.size > 0 : tree !== this.#tree;
    // A command that writes a report each time it runs does not make itself new by that.
    if (changed) this.#changed(this.#commands.size === 1 ? [...this.#commands][0]! : null);
    this.#tree = tree;
    this.#treeIsKnown = true;
    this.#commands.clear();
  }

  /** What there is to say of a step (begun, its calls not yet observed) at the end of many that changed nothing. */
  stalled(): Advice | null {
    const steps = this.#stepsWithoutChange;
    if (steps >= STOP_NO_CHANGE) return stop(message('loop.noChange', { steps }));
    if (!REMIND_NO_CHANGE.includes(steps)) return null;
    return remind(
      `Nothing in the repository changed during the last ${steps} steps. Make the change now with what you know, or call finish and say what is missing.`,
    );
  }

  observe(call: FinishedCall): Advice {
    const key = callKey(call);
    this.#recent.push(key);
    if (this.#recent.length > MEMORY) this.#recent.shift();
    const edited = call.effect === 'write' && call.ok;
    if (edited) {
      this.#edits++;
      this.#unprovenEdit = true;
      this.#changed(commandOf(call));
    } else if (call.effect === 'command' && call.ok) this.#ran(call);
    const advice = [this.#identical(key, call), this.#cycles(), this.#editsThatFail(key, call)];
    return {
      reminder:
        advice
          .map((one) => one?.reminder)
          .filter(Boolean)
          .join('\n') || null,
      rollBack: advice.find((one) => one?.rollBack)?.rollBack ?? null,
      stop: advice.find((one) => one?.stop)?.stop ?? null,
    };
  }

  /** @param by the one call that did it, as `commandOf` names it: its repeats stay counted */
  #changed(by: string | null): void {
    this.#stepsWithoutChange = 0;
    if (by === null) this.#seen.clear();
    else for (const key of this.#seen.keys()) if (!key.startsWith(`${by}\0`)) this.#seen.delete(key);
  }

  #ran(call: FinishedCall): void {
    const command = commandOf(call);
    this.#unprovenEdit = false;
    this.#commands.add(command);
    if (this.#treeIsKnown) return;
    // It may have changed something, so others with the same result as before it may be work.
    if (!this.#treeIsTold) this.#stepsWithoutChange = 0;
    for (const [key, { isCommand }] of this.#seen) if (isCommand && !key.startsWith(`${command}\0`)) this.#seen.delete(key);
  }

  #identical(key: string, call: FinishedCall): Advice | null {
    const times = (this.#seen.get(key)?.times ?? 0) + 1;
    this.#seen.set(key, { times, isCommand: call.effect === 'command' });
    if (times >= STOP_IDENTICAL) return stop(message('loop.sameCall', { tool: call.name, times }));
    if (!REMIND_IDENTICAL.includes(times)) return null;
    return remind(
      `You have made exactly this ${call.name} call ${times} times, with the same result each time. It will not change: use what you know, try something else, or call finish and say what is missing.`,
      times === ROLL_BACK_IDENTICAL ? { keys: new Set([key]), keepFirst: true } : null,
    );
  }

  #cycles(): Advice | null {
    for (let length = 2; length <= LONGEST_CYCLE; length++) {
      const times = repeats(this.#recent, length);
      if (times >= STOP_CYCLES) return stop(message('loop.sameCalls', { calls: length, times }));
      if (REMIND_CYCLES.includes(times)) {
        return remind(
          `Your last ${length} calls repeat in turn, ${times} times so far, with the same results. Break the circle: decide on one way and go on, or call finish.`,
          times === ROLL_BACK_CYCLES ? { keys: new Set(this.#recent.slice(-length)), keepFirst: true } : null,
        );
      }
    }
    return null;
  }

  #editsThatFail(key: string, call: FinishedCall): Advice | null {
    if (call.effect !== 'write') return null;
    this.#failedEdits = call.ok ? [] : [...this.#failedEdits, key];
    const times = this.#failedEdits.length;
    if (times >= STOP_FAILED_EDITS) return stop(message('loop.failedEdits', { times }));
    if (!REMIND_FAILED_EDITS.includes(times)) return null;
    return remind(
      `${times} edits in a row failed. Read the place again now, copy the old text exactly from it, and change less at once; for a small file, write the whole file.`,
      times === ROLL_BACK_FAILED_EDITS ? { keys: new Set(this.#failedEdits), keepFirst: false } : null,
    );
  }
}

/** How often the last `length` keys occur back to back at the end of the list. A block of one repeated key is no cycle (see `identical`). */
function repeats(keys: readonly string[], length: number): number {
  const end = keys.length;
  if (end < length * 2 || keys.slice(end - length).every((key) => key === keys[end - 1])) return 0;
  let same = 0;
  while (end - 1 - same - length >= 0 && keys[end - 1 - same] === keys[end - 1 - same - length]) same++;
  // Only whole blocks: the count must change once a block, or the same reminder would come with each call.
  return same % length === 0 ? same / length + 1 : 0;
}

/** Durations and the time of day differ from run to run, and a refused end by what it names, so they do not make a result new. */
export function callKey(call: Pick<FinishedCall, 'name' | 'args' | 'result'>): string {
  const timeless = call.result
    .replace(new RegExp(`^(error: )?${NOT_FINISHED}.*`, 's'), NOT_FINISHED)
    .replace(/\b\d+(\.\d+)?\s?(ms|s|sec|seconds)\b/g, '#')
    .replace(/(\b\d{4}-\d\d-\d\d[T ]|\b)\d\d?:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:?\d\d)?/g, '#');
  return `${commandOf(call)}\0${brief(timeless)}`;
}

function commandOf({ name, args }: Pick<FinishedCall, 'name' | 'args'>): string {
  return `${name}\0${brief(inOrder(args))}`;
}

/** Names can be given in any order, and with any blanks between them. */
function inOrder(args: string): string {
  try {
    const value: unknown = JSON.parse(args);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : args;
  } catch {
    return args;
  }
}

/** Long texts are kept, and compared, by their hash. */
function brief(text: string): string {
  return text.length <= 200 ? text : createHash('sha256').update(text).digest('base64');
}

function remind(text: string, rollBack: CallKeys | null = null): Advice {
  return { reminder: `[reminder] ${text}`, rollBack, stop: null };
}

function stop(why: Message): Advice {
  return { reminder: null, rollBack: null, stop: why };
}

/** Names such as `functions.read_file:0` mean `read_file`. */
export function plainName(name: ToolCall['function']['name']): string {
  return name
    .trim()
    .replace(/^functions\./, '')
    .replace(/:\d+$/, '');
}
