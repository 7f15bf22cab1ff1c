/** Makes a `Tool` of a definition with typed arguments: parses, waits for the workspace, obeys the signal, words system errors. */
import type { z } from 'zod';
import { errorText } from '../../common/caught-error.ts';
import { cutText } from '../../common/cut-text.ts';
import type { Tool, ToolContext, ToolResult, ToolSchema } from '../types.ts';
import { explainSystemError } from './files/system-errors.ts';
import { type AliasTable, parseArguments } from './lenient-arguments.ts';
import { showName } from './text-limits.ts';

export interface ToolDefinition<A> {
  name: string;
  description: string;
  parameters: ToolSchema;
  effect: Tool['effect'];
  /** What the arguments must be once aliases are resolved. */
  schema: z.ZodType<A>;
  /** Other names that models use for an argument, in lower case without `_`. */
  aliases: AliasTable;
  /** A right call, shown when the arguments are wrong. */
  example: string;
  title(args: A): string;
  run(args: A, context: ToolContext): Promise<ToolResult>;
}

const MAX_TITLE = 80;

export function defineTool<A>(definition: ToolDefinition<A>): Tool {
  const { name, description, parameters, effect } = definition;
  const parse = (args: unknown) => parseArguments(definition, args);
  return {
    name,
    description,
    parameters,
    effect,
    title(args) {
      const parsed = parse(args);
      return parsed.ok ? oneLine(definition.title(parsed.value)) : name;
    },
    async run(args, context) {
      const parsed = parse(args);
      if (!parsed.ok) return failure(parsed.message, 'wrong arguments');
      const obstacle = effect === 'finish' ? null : await workspaceObstacle(context);
      if (obstacle !== null) return obstacle;
      try {
        return await definition.run(parsed.value, context);
      } catch (error) {
        if (context.signal.aborted) return cancelled();
        const message = explainSystemError(error);
        if (message === null) throw error;
        return failure(`${name}: ${message}`, 'failed');
      }
    },
  };
}

/** A result that tells the model why nothing came of the call. */
export function failure(text: string, summary: string): ToolResult {
  return { ok: false, text, summary };
}

function cancelled(): ToolResult {
  return failure('Cancelled: the attempt is being stopped.', 'cancelled');
}

async function workspaceObstacle(context: ToolContext): Promise<ToolResult | null> {
  const { signal, workspace } = context;
  if (signal.aborted) return cancelled();
  let stop = () => {};
  const aborted = new Promise<ToolResult>((resolve) => {
    stop = () => resolve(cancelled());
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([workspace.ready.then(() => null), aborted]);
  } catch (error) {
    const reason = errorText(error);
    return failure(`The workspace could not be prepared: ${reason}. No tool can work; call finish and say so.`, 'no workspace');
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function oneLine(title: string): string {
  return cutText(showName(title.replace(/\s+/g, ' ').trim()), MAX_TITLE);
}
