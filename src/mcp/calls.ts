import type { Clock } from '../agent/clock.ts';
import type { WindowLayer } from '../broker/find-window.ts';
import { type ResolvedSettings, resolveSettings, type SettingLayer } from '../config.ts';
import { type Answer, delegate } from '../delegation/delegate.ts';
import { requestCancel } from '../delegation/lease.ts';
import type { Outcome } from '../delegation/outcome.ts';
import { type DelegationStatus, listStatus, readStatus } from '../delegation/status.ts';
import { delegationFolder, delegationId } from '../delegation/store.ts';
import type { DelegateRequest } from '../delegation/types.ts';
import { openRepository } from '../workspace/repository.ts';
import type { Repository } from '../workspace/types.ts';
import { isPatient, WINDOW_CLIENT } from './clients.ts';
import { type Withheld, whyWithheld } from './consent.ts';
import { type DecisionArguments, type DecisionName, decisionText, diffText } from './decisions.ts';
import { oneLine } from './escape.ts';
import { createProgress } from './progress.ts';
import { costText, renderRefusal, renderReport } from './report.ts';
import { whyOutside } from './roots.ts';
import type { CallContext, ToolHandler } from './server.ts';
import { ARGUMENTS, argumentProblems, type ToolName, taskField } from './tool-schemas.ts';

/** Claude Code gives a call up after 30 minutes of silence, other clients after 60 seconds; half a minute is too long for some. */
const PROGRESS_EVERY_MS = 10_000;
/** A client that we do not know gets an answer before the SDK's default limit of 60 s; the work goes on. */
const UNKNOWN_CLIENT_SECONDS = 50;

const KINDS = { implement_feature: 'feature', write_tests: 'tests', fix_bug: 'bug' } as const;

/** Outcomes that mean a broken set-up: the fallback hides them, so the user is told once a session. */
const BROKEN_SETUP: ReadonlySet<Outcome> = new Set([
  'auth_failed',
  'quota_exhausted',
  'sandbox_unavailable',
  'environment_broken',
  'storage_error',
]);

export interface CallsOptions {
  readonly stateDir: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Settings of everything but the call; read again for each call, so that a change counts at once. */
  settingsFor(repoPath: string): Promise<SettingsPlace>;
  /** A fetch that goes through the user's proxy, when there is one. */
  proxied(): Promise<typeof fetch | undefined>;
}

/** Where the settings of a repository come from. */
export interface SettingsPlace {
  /** Best first. */
  readonly layers: readonly SettingLayer[];
  /** The VS Code window that owns the repository (one of the layers), or null. */
  readonly window: WindowLayer | null;
}

export interface Calls {
  readonly handle: ToolHandler;
  /** Stops every attempt of this process as `interrupted`; resolves when their checkpoints are written. */
  shutdown(): Promise<void>;
}

/** Tool calls in, report texts out. Keeps what belongs to one client session: running attempts and what the user was told. */
export function createCalls(options: CallsOptions): Calls {
  const running = new Map<Promise<unknown>, AbortController>();
  const told = new Set<string>();
  const begun = options.clock.now();
  let closing = false;

  const noticeOnce = (outcome: Outcome, reason: string): string | null => {
    if (!BROKEN_SETUP.has(outcome) || told.has(outcome)) return null;
    told.add(outcome);
    return `Delegation to Kimi does not work at present: ${reason}`;
  };
  const refusal = (outcome: Outcome, reason: string, branch: string | null, fallback = false) =>
    renderRefusal({ outcome, reason, branch, fallbackNeeded: fallback, notice: noticeOnce(outcome, reason) });
  const denial = ({ outcome, reason, branch, fallbackNeeded }: Extract<Answer, { kind: 'refused' }>) =>
    renderRefusal({ outcome, reason, branch, fallbackNeeded, notice: null, next: 'do it yourself; the user decided so' });

  const outside = (settings: ResolvedSettings, call: CallContext) => async (repository: Repository) =>
    whyOutside(repository, {
      told: [...call.roots, ...(options.env.CLAUDE_PROJECT_DIR ? [options.env.CLAUDE_PROJECT_DIR] : [])],
      settings: settings.values.directories,
      cwd: options.cwd,
    });

  /** Starts (or resumes) an attempt and waits for its end, for the client's patience, or for a cancel. */
  async function run(request: DelegateRequest, callLayer: SettingLayer, call: CallContext): Promise<string> {
    const opening = openRepository(request.repoPath);
    opening.catch(() => {}); // who awaits it later deals with it
    const place = await options.settingsFor(request.repoPath);
    const resolution = resolveSettings([callLayer, ...place.layers]);
    if (!resolution.ok) {
      const ofCall = resolution.problems.some((problem) => problem.includes('in this call'));
      return refusal(ofCall ? 'invalid_request' : 'environment_broken', resolution.problems.join(' '), request.branch, !ofCall);
    }
    const { settings } = resolution;
    const patient = isPatient(call.clientName);
    const controller = new AbortController();
    const onCancel = () => controller.abort(closing ? 'interrupted' : 'cancelled');
    if (call.signal.aborted) onCancel();
    call.signal.addEventListener('abort', onCancel, { once: true });

    const progress = createProgress(call.progress, PROGRESS_EVERY_MS);
    let withheld: Withheld | null = null;
    const work = delegate(request, {
      settings,
      stateDir: options.stateDir,
      env: options.env,
      opening,
      outside: outside(settings, call),
      withheld: async () => {
        withheld = place.window && (await whyWithheld(place.window, settings, { ...call, patient, signal: controller.signal }));
        return withheld?.reason ?? null;
      },
      signal: controller.signal,
      onEvent: progress.onEvent,
      clock: options.clock,
      fetch: await options.proxied(),
    });
    running.set(work, controller);
    work.finally(() => {
      progress.stop();
      running.delete(work);
    });

    const seconds = settings.values.answerAfterSeconds ?? (patient ? 0 : UNKNOWN_CLIENT_SECONDS);
    const answer = await (seconds > 0 ? Promise.race([work, patience(seconds, work)]) : work);
    if (answer === null) {
      call.signal.removeEventListener('abort', onCancel); // from here on the attempt belongs to nobody's call
      progress.stop();
      return stillRunning(request);
    }
    // What the closure above has set meanwhile, which the compiler does not see.
    const denied = (withheld as Withheld | null)?.denied === true;
    return denied && answer.kind === 'refused' ? denial(answer) : render(answer, settings, request.branch);
  }

  async function patience(seconds: number, work: Promise<unknown>): Promise<null> {
    const over = new AbortController();
    work.finally(() => over.abort());
    await options.clock.sleep(seconds * 1000, over.signal);
    return over.signal.aborted ? new Promise<null>(() => {}) : null;
  }

  function render(answer: Answer, settings: ResolvedSettings, branch: string): string {
    if (answer.kind === 'refused') return refusal(answer.outcome, answer.reason, branch, answer.fallbackNeeded);
    const { result } = answer;
    const notice = noticeOnce(result.outcome, result.reason);
    return renderReport(result, { disclosure: settings.values.disclosure, stored: answer.stored, notice });
  }

  /** Opens the repository for the tools that only look, with the same bounds as for those that work. */
  async function look(repoPath: string, call: CallContext): Promise<{ repository: Repository; settings: ResolvedSettings } | string> {
    const [opened, place] = await Promise.all([openRepository(repoPath), options.settingsFor(repoPath)]);
    const resolution = resolveSettings(place.layers);
    if (!resolution.ok) return refusal('environment_broken', resolution.problems.join(' '), null, false);
    if (!opened.ok) return refusal('invalid_request', opened.reason, null);
    const reason = await outside(resolution.settings, call)(opened.repository);
    return reason ? refusal('invalid_request', reason, null) : { repository: opened.repository, settings: resolution.settings };
  }

  async function get(repoPath: string, branch: string | undefined, call: CallContext): Promise<string> {
    const seen = await look(repoPath, call);
    if (typeof seen === 'string') return seen;
    const { repository, settings } = seen;
    if (branch !== undefined) {
      const status = await readStatus(options.stateDir, delegationId(repository.commonDir, branch));
      if (status.state === 'ended') {
        const { result } = status;
        // A client that was answered `running` learns of a broken set-up here; one from before this session may be mended by now.
        const notice = Date.parse(result.endedAt) >= begun ? noticeOnce(result.outcome, result.reason) : null;
        const { disposition } = status;
        return renderReport(result, { disclosure: settings.values.disclosure, stored: true, disposition, notice });
      }
      return statusText(branch, status);
    }
    const all = await listStatus(options.stateDir, repository.commonDir);
    if (all.length === 0) return `No delegations in ${repository.root} yet.`;
    return [
      `${all.length} delegation${all.length === 1 ? '' : 's'} in ${repository.root}:`,
      ...all.map(({ identity, status }) => `  ${listLine(identity.branch, status)}`),
    ].join('\n');
  }

  async function cancel(repoPath: string, branch: string, call: CallContext): Promise<string> {
    const seen = await look(repoPath, call);
    if (typeof seen === 'string') return seen;
    const { leases } = delegationFolder(options.stateDir, delegationId(seen.repository.commonDir, branch));
    if (!(await requestCancel(leases))) return `Nothing runs on ${oneLine(branch, 200)}; nothing was changed.`;
    return `The attempt on ${oneLine(branch, 200)} was told to stop. Its work is kept: resume_delegation continues it.`;
  }

  async function decideOn(
    name: DecisionName,
    given: { repo_path: string } & DecisionArguments,
    branch: string,
    call: CallContext,
  ): Promise<string> {
    const seen = await look(given.repo_path, call);
    if (typeof seen === 'string') return seen;
    return decisionText(name, given, { repository: seen.repository, stateDir: options.stateDir, branch, now: options.clock.now });
  }

  async function diff(repoPath: string, branch: string, path: string | undefined, call: CallContext): Promise<string> {
    const seen = await look(repoPath, call);
    if (typeof seen === 'string') return seen;
    const status = await readStatus(options.stateDir, delegationId(seen.repository.commonDir, branch));
    return status.state === 'ended' ? diffText(status.result, seen.repository.gitDir, path) : statusText(branch, status);
  }

  const handle: ToolHandler = async (name, args, call) => {
    const parsed = ARGUMENTS[name].safeParse(args);
    if (!parsed.success) return refusal('invalid_request', argumentProblems(name, parsed.error), null);
    const given = parsed.data as Record<string, unknown> & { repo_path: string; branch_name?: string };
    if (name === 'get_delegation') return get(given.repo_path, given.branch_name, call);
    const branch = given.branch_name ?? '';
    if (name === 'cancel_delegation') return cancel(given.repo_path, branch, call);
    if (name === 'delegation_diff') return diff(given.repo_path, branch, given.path as string | undefined, call);
    if (name === 'merge_delegation' || name === 'discard_delegation' || name === 'restore_delegation')
      return decideOn(name, given, branch, call);
    return run({ ...requestOf(name, given, branch), byPerson: call.clientName === WINDOW_CLIENT }, callLayer(given), call);
  };

  return {
    handle,
    async shutdown() {
      closing = true;
      for (const controller of running.values()) controller.abort('interrupted');
      await Promise.allSettled(running.keys());
    },
  };
}

function requestOf(name: ToolName, given: Record<string, unknown> & { repo_path: string }, branch: string): DelegateRequest {
  const main = name in KINDS;
  return {
    kind: main ? KINDS[name as keyof typeof KINDS] : 'feature',
    repoPath: given.repo_path,
    branch,
    task: main ? String(given[taskField(name)]) : null,
    base: given.base as string | undefined,
    includeUncommitted: given.include_uncommitted as boolean | undefined,
    checks: (given.checks as string[] | undefined) ?? [],
    scope: (given.scope as string[] | undefined) ?? [],
  };
}

function callLayer(given: Record<string, unknown>): SettingLayer {
  return { source: 'call', label: 'this call', values: { maxSteps: given.max_steps, budget: given.budget } };
}

function stillRunning(request: DelegateRequest): string {
  return [
    `state: running   branch: ${oneLine(request.branch, 200)}`,
    'The attempt goes on in the background; this client would not have waited longer.',
    `next: get_delegation(repo_path, branch_name) shows how far it is and, when it has ended, the report`,
  ].join('\n');
}

function statusText(branch: string, status: DelegationStatus): string {
  const name = oneLine(branch, 200);
  switch (status.state) {
    case 'running':
      return [
        `state: running   branch: ${name}   attempt: ${status.attempt}`,
        `step ${status.step} of ${status.maxSteps} · ${oneLine(status.doing, 200)}`,
        'next: ask again later, or cancel_delegation',
      ].join('\n');
    case 'interrupted':
      return [
        `state: interrupted   branch: ${name}   attempt: ${status.attempt}`,
        `It stopped at step ${status.step} of ${status.maxSteps} without an end (the server or the machine went away). Its work is kept.`,
        'next: resume_delegation, or the same call again, continues it',
      ].join('\n');
    default:
      return `There is no delegation on ${name} in this repository. get_delegation without branch_name lists those that exist.`;
  }
}

function listLine(branch: string, status: DelegationStatus): string {
  const name = oneLine(branch, 100);
  if (status.state === 'ended') {
    const { result, disposition } = status;
    const size = result.change ? `  +${result.change.added} -${result.change.removed}` : '';
    return `${name}  ${disposition?.state ?? result.outcome}${result.tip ? `  tip ${result.tip.slice(0, 7)}` : ''}${size}  ${costText(result.cost)}  ${result.endedAt}`;
  }
  if (status.state === 'unknown') return `${name}  never started`;
  return `${name}  ${status.state}  step ${status.step}/${status.maxSteps}`;
}
