import { type Message, say } from '../../messages/message.ts';

/** What the checkpointer needs from the git side: stage what changed, write the tree. */
export interface CheckpointSource {
  take(previousTree: string): Promise<{ tree: string; problems: readonly Message[] }>;
  /** Keeps the tree of a step from garbage collection. */
  keep(step: number, tree: string): Promise<void>;
}

export interface Checkpointer {
  /** A step is complete. Its checkpoint is made soon, if the model takes long enough to think; otherwise with a later one. */
  stepDone(step: number): void;
  /** Something changed (or may have changed) the working tree since the last checkpoint. */
  markChanged(): void;
  /** Resolves when no checkpoint is being made; tools await it, so that a checkpoint never sees half of the next step. */
  idle(): Promise<void>;
  /** Makes the checkpoint of the last complete step now. @returns the tree */
  flush(): Promise<string>;
  /** The tree of the last checkpoint, whatever has changed since. */
  last(): string;
  /** The working tree, when the last checkpoint tells it: nothing may have changed it since. */
  known(): string | null;
  /** Something that the work as it is recorded lacks. */
  addProblem(problem: Message): void;
  /** What could not be recorded (nested repositories and the like), without repeats. */
  problems(): readonly Message[];
}

/**
 * Records the working tree in the private git dir while the model thinks, so that no git process stands in the way of a step.
 * @param delayMs how long the model must have been thinking; a model that answers sooner is not held up
 */
export function createCheckpointer(options: {
  source: CheckpointSource;
  first: { step: number; tree: string };
  delayMs: number;
  write(checkpoint: { step: number; tree: string }): void;
}): Checkpointer {
  let written = options.first;
  let step = options.first.step;
  let changed = false;
  let atWork = false;
  let queue: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  /** What the last checkpoint left out; what an earlier one did may be gone by now. */
  let leftOut: readonly Message[] = [];
  const added: Message[] = [];

  function stopTimer(): void {
    if (timer) clearTimeout(timer);
    timer = null;
  }

  /** One at a time, in order; one that failed does not fail the next. */
  function make(): Promise<void> {
    stopTimer();
    const made = queue.then(record);
    queue = made.catch(() => {});
    return made;
  }

  async function record(): Promise<void> {
    if (!changed && step === written.step) return;
    const next = { step, tree: written.tree };
    const dirty = changed;
    changed = false;
    atWork = true;
    try {
      if (dirty) {
        const taken = await options.source.take(written.tree);
        next.tree = taken.tree;
        leftOut = taken.problems;
        if (next.tree !== written.tree) await options.source.keep(next.step, next.tree);
      }
      options.write(next);
      written = next;
    } catch (error) {
      changed = true;
      throw error;
    } finally {
      atWork = false;
    }
  }

  return {
    stepDone(done) {
      step = done;
      stopTimer();
      // A checkpoint that fails here is tried again by the next one and, at last, by flush, which tells.
      timer = setTimeout(() => void make().catch(() => {}), options.delayMs);
      timer.unref();
    },
    markChanged() {
      changed = true;
    },
    async idle() {
      stopTimer();
      for (let last: Promise<void> | null = null; last !== queue; ) {
        last = queue;
        await last;
      }
    },
    async flush() {
      await make();
      return written.tree;
    },
    last: () => written.tree,
    addProblem: (problem) => void added.push(problem),
    known: () => (changed || atWork ? null : written.tree),
    problems: () => [...new Map([...leftOut, ...added].map((problem) => [say(problem, 'en'), problem])).values()],
  };
}
