/** Which failures of an answer speak against the end of the work that the same answer asks for. */
import { cutText } from '../common/cut-text.ts';
import type { Tool, ToolResult } from './types.ts';

/** A call of the answer, as far as it matters here. */
export interface TriedCall {
  readonly name: string;
  /** What a person would call it: `npm test`, `src/app.ts`. */
  readonly title: string;
  /** The arguments as the model wrote them. */
  readonly args: string;
  /** null where there is no such tool. */
  readonly effect: Tool['effect'] | null;
}

interface Failure {
  readonly said: string;
  /** A command may have changed something since, so that tests which pass now are as good as an edit. */
  mayBeMended: boolean;
}

/** How a refused end begins. */
export const NOT_FINISHED = 'not finished: ';

const LONGEST_NAME = 120;

/**
 * A test that fails before the edit that mends it is how work is meant to go, and what only looked says nothing of the work: neither keeps an
 * answer from its end, as a refusal costs a whole request. What counts is a command that failed behind the last edit and has not passed
 * since, and a change that was not made.
 */
export class UnmendedFailures {
  #commands = new Map<string, Failure>();
  #changes: string[] = [];

  add(call: TriedCall, { ok, ran, run, looked }: ToolResult): void {
    if (call.effect === 'read' || call.effect === 'finish') return;
    if (call.effect !== 'command') {
      if (!ok) this.#changes.push(said(call));
      // Of several edits some were made.
      if (ok || ran === true) this.#commands.clear();
      return;
    }
    if (looked === true) return;
    if (!ok) this.#commands.set(call.args, { said: said(call), mayBeMended: false });
    else this.#passed(call.args, run !== undefined);
  }

  #passed(args: string, isTest: boolean): void {
    this.#commands.delete(args);
    for (const [key, failure] of this.#commands) {
      if (!isTest) failure.mayBeMended = true;
      else if (failure.mayBeMended) this.#commands.delete(key);
    }
  }

  /** @returns why the work is not at its end, for the model; null = nothing speaks against it */
  refusal(): string | null {
    const commands = [...this.#commands.values()].map((failure) => failure.said);
    if (commands.length + this.#changes.length === 0) return null;
    const why = [
      commands.length === 0 ? null : `${commands.join(', ')} failed behind the last edit and did not pass since`,
      this.#changes.length === 0 ? null : `${this.#changes.join(', ')} failed`,
    ];
    return `${NOT_FINISHED}${why.filter(Boolean).join('; ')}. Look at the result first.`;
  }
}

function said({ name, title }: TriedCall): string {
  return title === '' ? name : `${name} \`${cutText(title.replace(/\s+/g, ' '), LONGEST_NAME)}\``;
}
