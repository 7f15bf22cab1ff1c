import { type AgentOptions, runAgent } from '../../agent/loop.ts';
import { httpFetch } from '../../agent/model/http-fetch.ts';
import { isPlatform, isWindowKnown, priceOf } from '../../agent/prices.ts';
import { tools } from '../../agent/tools/all-tools.ts';
import type { AgentEnd, AgentTotals, ChatMessage } from '../../agent/types.ts';
import { currencyOf } from '../../common/currency.ts';
import { modelOf, type Settings } from '../../config.ts';
import { message, shortList } from '../../messages/message.ts';
import { treeOf } from '../../workspace/read-objects.ts';
import { submodulePaths } from '../../workspace/submodules.ts';
import type { DelegateContext } from '../delegate-request.ts';
import { writeFirstMessages } from '../first-request/first-messages.ts';
import { resumeOf } from '../journal/fold-journal.ts';
import { openSpending } from '../store/daily-spending.ts';
import type { OpenAttempt } from './open-attempt.ts';
import { createToolWorkspace } from './tool-workspace.ts';

/** Lets the model work in an open attempt until it is done or must stop. */
export async function askModel(attempt: OpenAttempt): Promise<{ end: AgentEnd; totals: AgentTotals }> {
  const { checkpointer, baseChecks, preflight, background, stop } = attempt;
  const { call, record } = attempt.input;
  const { context, folder } = call;
  const { values: settings } = context.settings;
  const opening = await openingOf(attempt);
  const timeUp = new AbortController();
  const ended = new AbortController();
  const minutes = settings.maxMinutes - (attempt.input.continuation?.minutesUsed ?? 0);
  void context.clock.sleep(minutes * 60_000, ended.signal).then(() => timeUp.abort());
  const running = runAgent({
    ...opening,
    api: apiOf(settings, folder.id, attempt.start.attempt),
    context: {
      workspace: createToolWorkspace({
        ...attempt,
        workTree: folder.workTree,
        temp: folder.temp,
        folder: attempt.start.folder ?? '',
        inner: submodulePaths(attempt.files),
      }),
      commandTimeoutMs: settings.commandTimeoutSeconds * 1000,
    },
    limits: limitsOf(attempt, timeUp.signal),
    hasChanges: () => hasChanges(attempt),
    tree: { peek: checkpointer.known, look: checkpointer.flush },
    inbox: baseChecks.take,
    signal: stop.signal,
    emit: (event) => {
      record.emit(event);
      if (event.type !== 'request') return;
      checkpointer.stepDone(event.step - 1);
      background.requestLeaves();
      preflight.requestLeaves();
    },
    clock: context.clock,
    ...(context.refused ? { fetch: unlessRefused(context, attempt) } : context.fetch && { fetch: context.fetch }),
  });
  return running.finally(() => ended.abort());
}

/** The way to the model, by which nothing goes any more once the user has refused. */
function unlessRefused(
  { fetch = httpFetch, refused }: DelegateContext,
  { stop, listedSince }: Pick<OpenAttempt, 'stop' | 'listedSince'>,
): typeof globalThis.fetch {
  return async (...request) => {
    const more = listedSince();
    const reason = (await refused?.()) ?? (more.length > 0 ? message('end.keepsBack', { patterns: shortList([...more], 5) }) : null);
    if (reason) stop.stop({ outcome: 'cancelled', reason });
    stop.signal.throwIfAborted();
    return fetch(...request);
  };
}

/** What the conversation begins with, or goes on with. */
async function openingOf(attempt: OpenAttempt): Promise<Pick<AgentOptions, 'head' | 'resume' | 'firstMessages' | 'firstFiles'>> {
  const { start, privateGit, firstTree, files, sandbox, neverSend } = attempt;
  const { call, before, continuation } = attempt.input;
  const resume = resumeOf(attempt.resumed);
  if (resume) {
    const message = continuation?.message ?? null;
    const firstMessages: ChatMessage[] = message === null ? [] : [{ role: 'user', content: message }];
    return { head: { system: resume.head.system, tools }, resume, firstMessages };
  }
  const { system, messages, shown } = await writeFirstMessages({
    start,
    source: privateGit,
    tree: firstTree,
    files,
    shownRoot: sandbox.shownRoot,
    disclosure: call.context.settings.values.disclosure,
    commandSeconds: call.context.settings.values.commandTimeoutSeconds,
    earlier: before.earlier,
    prefetched: call.prefetched,
    neverSend,
  });
  return { head: { system, tools }, firstMessages: messages, firstFiles: shown };
}

function apiOf(settings: Settings, id: string, attempt: number): AgentOptions['api'] {
  const { model, from } = modelOf(settings, attempt);
  // What the user says of their usual model is not said of another one that is known better.
  const price = from === 'retryModel' && priceOf(model, settings.baseUrl) ? undefined : settings.prices;
  const contextWindow = from === 'retryModel' && isWindowKnown(model, settings.baseUrl) ? undefined : settings.contextWindow;
  return {
    baseUrl: settings.baseUrl,
    apiKey: settings.apiKey ?? '',
    model,
    modelSetting: from === 'model' ? 'KIMI_MODEL' : 'KIMI_RETRY_MODEL',
    ...(wantsCacheKey(settings) && { cacheKey: id }),
    ...(price && { price }),
    ...(contextWindow !== undefined && { contextWindow }),
  };
}

/** `auto`: the platform's documentation recommends the key (whether it helps is disputed); other servers may refuse a field they do not know. */
function wantsCacheKey({ promptCacheKey, baseUrl }: Settings): boolean {
  return promptCacheKey === 'on' || (promptCacheKey === 'auto' && isPlatform(baseUrl));
}

function limitsOf({ start, input }: OpenAttempt, timeUp: AbortSignal): AgentOptions['limits'] {
  const { context, folder } = input.call;
  const { values: settings } = context.settings;
  return {
    maxSteps: start.maxSteps,
    time: { minutes: settings.maxMinutes, up: timeUp },
    budget: start.budget,
    shared: openSpending({
      stateDir: context.stateDir,
      by: folder.id,
      currency: currencyOf(settings.baseUrl),
      budget: settings.budgetPerDay ?? null,
      now: context.clock.now,
    }),
    retrySeconds: settings.retrySeconds,
    stallSeconds: settings.stallSeconds,
  };
}

/** Asked when the model stops without a word of what it did: the files answer. */
async function hasChanges({ checkpointer, privateGit, start }: OpenAttempt): Promise<boolean> {
  const [now, before] = await Promise.all([checkpointer.flush(), treeOf(privateGit, start.parent)]);
  return now !== before && now !== start.parent;
}
