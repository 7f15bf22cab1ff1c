import { proxyFetch } from '../agent/model/proxy-fetch.ts';
import { TERMINAL_CLIENT } from '../broker/protocol.ts';
import type { SettingSources } from '../broker/setting-sources.ts';
import { realClock } from '../common/clock.ts';
import { type ResolvedSettings, resolveSettings, type SettingLayer } from '../config.ts';
import { type Answer, delegate } from '../delegation/delegate.ts';
import type { JournalEvent } from '../delegation/journal/journal.ts';
import { tailJournal } from '../delegation/journal/journal-tail.ts';
import { OUTCOME_RULES } from '../delegation/result/outcomes.ts';
import { readAttempts } from '../delegation/store/delegation-folder.ts';
import { readDelegation } from '../delegation/store/delegation-status.ts';
import { type PlaceSettings, settingsOf as placeSettings } from '../mcp/allowed-repository.ts';
import { whyOutside } from '../mcp/client-roots.ts';
import { whyNoMore, whyNotSent, windowOf } from '../mcp/sending-rules.ts';
import { message, sentences } from '../messages/message.ts';
import { openRepository } from '../workspace/open-repository.ts';
import { createStory, type Story } from './attempt-story.ts';
import { type Context, defineCommand, type Given, REPO_OPTION } from './command.ts';
import { type Found, findDelegation } from './find-delegation.ts';
import { holding, INTERRUPTED } from './hold-interrupt.ts';
import { reportLines } from './report-lines.ts';
import { sourcesFor } from './settings-here.ts';

const STATUS_EVERY_MS = 500;

const OPTIONS = {
  'max-steps': { type: 'string', value: 'number', about: 'cli.option.maxSteps' },
  budget: { type: 'string', value: 'amount', about: 'cli.option.budget' },
  check: { type: 'string', value: 'command', multiple: true, about: 'cli.option.check' },
  ...REPO_OPTION,
} as const;

/** Goes on with an attempt, in this process. */
export const resume = defineCommand({
  about: 'cli.resume.about',
  words: ['[branch]'],
  options: OPTIONS,
  async run(given, context) {
    const { terminal } = context;
    const found = await findDelegation(given, context);
    if (!found.ok) return found.code === 1 ? terminal.fail(found.reason) : terminal.misuse(found.reason, 'resume');
    const { branch } = found.identity;
    if ((await readDelegation(found.folder)).status.state === 'running') return terminal.fail(message('cli.resume.running', { branch }));
    const settled = await settingsOf(given, found, context);
    if (!settled.ok) return settled.ofCall ? terminal.misuse(settled.reason, 'resume') : terminal.fail(settled.reason);
    const told = await storySoFar(found, context);
    const { value: answer, interrupted } = await holding((signal) =>
      run(found, { ...settled, checks: given.options.check ?? [], ...told, signal }, context),
    );
    if (answer.kind === 'refused') return terminal.fail(answer.reason);
    const { result } = answer;
    if (interrupted && result.outcome === 'interrupted') {
      terminal.note(message('cli.resume.interrupted', { branch }));
      return INTERRUPTED;
    }
    for (const line of ['', ...reportLines(result, null, terminal)]) terminal.print(line);
    return OUTCOME_RULES[result.outcome].kind === 'reviewable' ? 0 : 1;
  },
});

interface Settled {
  readonly settings: ResolvedSettings;
  readonly at: PlaceSettings;
  settingsFor(folder: string): Promise<SettingSources>;
  readonly fetch: typeof fetch | undefined;
}

/** The settings that the server would have here, below what the command line gives. */
async function settingsOf({ options }: Given<typeof OPTIONS>, { repository }: Found, context: Context) {
  const given: SettingLayer = {
    source: 'call',
    label: message('cli.origin.options'),
    values: { maxSteps: options['max-steps'], budget: options.budget },
  };
  const settingsFor = sourcesFor(context);
  const at = await placeSettings(openRepository(repository.root), repository.root, { settingsFor });
  const resolution = resolveSettings([given, ...at.sources.layers]);
  if (!resolution.ok) return { ok: false, ofCall: resolution.ofCall, reason: sentences(resolution.problems) } as const;
  const proxied = await proxyFetch(context.env);
  if (!proxied.ok) return { ok: false, ofCall: false, reason: proxied.reason } as const;
  return { ok: true, settings: resolution.settings, at, settingsFor, fetch: proxied.fetch } as const;
}

/** What the attempt did before is known to the story, but not told again: only how it began, once it goes on. */
async function storySoFar({ folder }: Found, { terminal }: Context): Promise<{ story: Story; head: string[] }> {
  const story = createStory(terminal);
  const last = readAttempts(folder).at(-1);
  const { lines } = last ? await tailJournal(last.journal).read() : { lines: [] };
  const [head = []] = lines.map((line) => story.add(line));
  return { story, head };
}

interface Run extends Settled {
  readonly checks: readonly string[];
  readonly story: Story;
  readonly head: string[];
  readonly signal: AbortSignal;
}

async function run(
  { repository, identity }: Found,
  { settings, at, settingsFor, fetch, checks, story, head, signal }: Run,
  context: Context,
): Promise<Answer> {
  const { terminal, stateDir, env, now } = context;
  const showStatus = () => terminal.status(story.status(now()));
  const timer = setInterval(showStatus, STATUS_EVERY_MS);
  const onEvent = (event: JournalEvent) => {
    for (const line of [...head.splice(0), ...story.add({ ...event, at: now() })]) terminal.print(line);
    showStatus();
  };
  try {
    const request = {
      kind: 'feature',
      repoPath: repository.root,
      branch: identity.branch,
      task: null,
      checks,
      scope: [],
      byPerson: true,
    } as const;
    return await delegate(request, {
      settings,
      stateDir,
      env,
      // Whoever types this in a folder means it.
      outside: (opened) => whyOutside(opened, { declared: [repository.root], settings: settings.values.directories, cwd: repository.root }),
      withheld: async () => {
        if (windowOf(at)?.consent === 'ask' && settings.origins.apiKey.source === 'window') terminal.note(message('cli.resume.asks'));
        const withheld = await whyNotSent(at, settings, { clientName: TERMINAL_CLIENT, signal, patient: true, progress: () => {} });
        return withheld?.reason ?? null;
      },
      refused: () => whyNoMore(at, { settings, branch: identity.branch }, { settingsFor }),
      signal,
      onEvent,
      clock: realClock,
      fetch,
    });
  } finally {
    clearInterval(timer);
    terminal.status('');
  }
}
