import { type ResolvedSettings, resolveSettings, type SettingLayer } from '../config.ts';
import type { Answer } from '../delegation/delegate.ts';
import type { DelegateRequest } from '../delegation/delegate-request.ts';
import { delegationId } from '../delegation/store/delegation-folder.ts';
import { message, sentences } from '../messages/message.ts';
import { openRepository, type RepositoryOpening } from '../workspace/open-repository.ts';
import { boundsOf, type PlaceSettings, settingsOf } from './allowed-repository.ts';
import { callerOf } from './caller.ts';
import { answersAfter, patienceOf, WINDOW_CLIENT } from './client-patience.ts';
import type { ClientSession } from './client-session.ts';
import { createProgress, PROGRESS_EVERY_MS } from './progress-notifications.ts';
import { renderReport } from './render-report.ts';
import { justStarted, runningText, waitNext } from './running-text.ts';
import { whyNoMore, whyNotSent } from './sending-rules.ts';
import { refusalAnswer, reportAnswer, type ToolAnswer } from './tool-answer.ts';
import type { ToolArguments } from './tool-arguments.ts';
import type { CallContext, CallsOptions, ToolHandlers } from './types.ts';
import { PATIENT_MS } from './why-withheld.ts';

type DelegateTool = 'implement_feature' | 'write_tests' | 'fix_bug' | 'resume_delegation';
/** What these tools take beside the task; resume_delegation knows only some of it. */
type Given = ToolArguments['resume_delegation'] & Partial<ToolArguments['implement_feature']>;

/** The tools that start or resume an attempt, and wait for its end. */
export function delegateTools(options: CallsOptions, session: ClientSession): ToolHandlers<DelegateTool> {
  const run = (kind: DelegateRequest['kind'], task: string | null, given: Given, call: CallContext) =>
    runCall({ options, session, call }, requestOf(kind, task, given, call), callLayer(given));
  return {
    implement_feature: (given, call) => run('feature', given.task_spec, given, call),
    write_tests: (given, call) => run('tests', given.task_spec, given, call),
    fix_bug: (given, call) => run('bug', given.bug_description, given, call),
    resume_delegation: (given, call) => run('feature', null, given, call),
  };
}

function requestOf(kind: DelegateRequest['kind'], task: string | null, given: Given, call: CallContext): DelegateRequest {
  return {
    kind,
    repoPath: given.repo_path,
    branch: given.branch_name,
    task,
    base: given.base,
    includeUncommitted: given.include_uncommitted,
    checks: given.checks ?? [],
    scope: given.scope ?? [],
    attempt: given.attempt,
    byPerson: call.clientName === WINDOW_CLIENT,
  };
}

function callLayer({ max_steps, budget }: Given): SettingLayer {
  return { source: 'call', label: message('origin.call'), values: { maxSteps: max_steps, budget } };
}

interface CallParts {
  readonly options: CallsOptions;
  readonly session: ClientSession;
  readonly call: CallContext;
}

/** Starts (or resumes) an attempt and waits for its end, for the client's patience, or for a cancel. */
async function runCall(parts: CallParts, request: DelegateRequest, callLayer: SettingLayer): Promise<ToolAnswer> {
  const { options, session, call } = parts;
  const opening = openRepository(request.repoPath);
  opening.catch(() => {}); // who awaits it later deals with it
  const at = await settingsOf(opening, request.repoPath, options);
  const { sources } = at;
  const resolution = resolveSettings([callLayer, ...sources.layers]);
  if (!resolution.ok) {
    const { ofCall, problems } = resolution;
    const outcome = ofCall ? 'invalid_request' : 'environment_broken';
    return session.refusal({ outcome, reason: sentences(problems), branch: request.branch });
  }
  const { settings } = resolution;
  const proxied = await options.proxied();
  if (!proxied.ok) return session.refusal({ outcome: 'environment_broken', reason: proxied.reason, branch: request.branch });
  const { fetch } = proxied;
  const commonDir = await opening.then(
    (opened) => (opened.ok ? opened.repository.commonDir : null),
    () => null,
  );
  const id = commonDir === null ? null : delegationId(commonDir, request.branch);
  const started = await startAttempt(parts, request, { settings, at, opening, id, fetch });
  const keeping = { days: settings.values.retentionDays, commonDir };
  const tidy = () => void options.threads.removeExpired(options.stateDir, keeping).catch(() => {});
  started.attempt.then(tidy, tidy); // behind the work, as it reads the disk
  const answer = await withPatience(started.attempt, answersAfter(settings, call.clientName), options.clock);
  if (answer === null) {
    started.detach();
    return stillRunning(parts, request, id);
  }
  if (answer.kind === 'report') {
    const { result, stored } = answer;
    const notice = session.notice(result.outcome, result.reason);
    const { disclosure, showTokenStats } = settings.values;
    return reportAnswer(result, { disclosure, showTokenStats, stored, notice });
  }
  if (started.userSaidNo()) return denialAnswer(answer);
  return session.refusal({ ...answer, ...(answer.outcome === 'busy' && (await waitInstead(parts, request, id))) });
}

interface Started {
  readonly attempt: Promise<Answer>;
  /** From here on the attempt belongs to nobody's call. */
  detach(): void;
  /** Whether the user decided that code of this repository is not sent. */
  userSaidNo(): boolean;
}

async function startAttempt(
  { options, session, call }: CallParts,
  request: DelegateRequest,
  lent: {
    settings: ResolvedSettings;
    /** What the user is asked about. */
    at: PlaceSettings;
    opening: Promise<RepositoryOpening>;
    id: string | null;
    fetch: typeof fetch | undefined;
  },
): Promise<Started> {
  const { settings, at, opening, id, fetch } = lent;
  const { stateDir, env, clock } = options;
  const progress = createProgress(call.progress, PROGRESS_EVERY_MS);
  const polls = () => (id === null ? 0 : session.answeredRunning(id).times);
  const before = polls();
  let denied = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  const { attempt, detach } = session.start(id, call.signal, (signal) =>
    options.threads.delegate(request, {
      settings,
      stateDir,
      env,
      opening,
      outside: boundsOf(options, settings, call),
      withheld: async () => {
        const waits = patienceOf(call.clientName);
        const patient = waits === null || waits * 1000 >= PATIENT_MS;
        const withheld = await whyNotSent(at, settings, { ...call, patient, signal });
        denied = withheld?.denied ?? false;
        askedAt = clock.now();
        return withheld?.reason ?? null;
      },
      refused: async () => {
        // The first request goes a moment after that.
        const isFresh = clock.now() - askedAt < FRESH_MS;
        askedAt = Number.NEGATIVE_INFINITY;
        return isFresh ? null : whyNoMore(at, { settings, branch: request.branch }, options);
      },
      signal,
      caller: async (result) => {
        const { disclosure, showTokenStats } = settings.values;
        const report = renderReport(result, { disclosure, showTokenStats, stored: false, notice: null });
        return callerOf(env, { branch: request.branch, report, polls: polls() - before });
      },
      onEvent: progress.onEvent,
      clock,
      fetch,
    }),
  );
  attempt.then(progress.stop, progress.stop);
  return {
    attempt,
    detach() {
      progress.stop();
      detach();
    },
    userSaidNo: () => denied,
  };
}

const FRESH_MS = 1000;

/** @returns what the attempt came to, or null when it takes longer than the client waits (null = it waits to the end) */
async function withPatience<T>(attempt: Promise<T>, seconds: number | null, clock: CallsOptions['clock']): Promise<T | null> {
  if (seconds === null) return attempt;
  const ended = new AbortController();
  const over = clock.sleep(seconds * 1000, ended.signal).then(() => null);
  try {
    return await Promise.race([attempt, over]);
  } finally {
    ended.abort();
  }
}

function denialAnswer({ outcome, reason, branch, fallbackNeeded }: Extract<Answer, { kind: 'refused' }>): ToolAnswer {
  return refusalAnswer({ outcome, reason, branch, fallbackNeeded, notice: null, next: 'do it yourself; the user decided so' });
}

/** What the caller asked for, as get_delegation takes it. */
const asked = ({ repoPath, branch }: DelegateRequest) => ({ repo_path: repoPath, branch_name: branch });

async function stillRunning({ options, session, call }: CallParts, request: DelegateRequest, id: string | null): Promise<ToolAnswer> {
  const now = options.clock.now();
  const status = await options.threads.readStatus(options.stateDir, String(id), call.signal);
  if (id !== null) session.toldRunning(id);
  return { text: runningText(asked(request), status.state === 'running' ? status : justStarted(now), true, now) };
}

/** Somebody works on the branch: to call the same again would only be refused again. */
async function waitInstead({ options, call }: CallParts, request: DelegateRequest, id: string | null): Promise<{ next?: string }> {
  const status = id === null ? null : await options.threads.readStatus(options.stateDir, id, call.signal);
  return status?.state === 'running' ? { next: waitNext(asked(request), status, options.clock.now()) } : {};
}
