import { SIGN } from '../common/currency.ts';
import { hideSecrets } from '../common/hide-secrets.ts';
import { shellWord } from '../common/shell-word.ts';
import { OUTCOME_RULES } from '../delegation/result/outcomes.ts';
import { proofTexts } from '../delegation/result/proof-text.ts';
import type { AttemptResult } from '../delegation/result/result-schema.ts';
import {
  checkRunText,
  checksFromText,
  costText,
  durationText,
  outcomeText,
  placeText,
  savingText,
  sentByText,
  sentFileText,
} from '../delegation/result/result-text.ts';
import { seenTexts } from '../delegation/result/seen-text.ts';
import { sizeText } from '../delegation/result/size-text.ts';
import type { DeliveredWork, Ending } from '../delegation/review/delivered-work.ts';
import { isResumable } from '../delegation/start/plan-call.ts';
import { escapeUntrusted, oneLine } from '../mcp/escape-untrusted.ts';
import { type Message, message, type PlainCode } from '../messages/message.ts';
import { stateText } from './status-text.ts';
import { type Cell, tableLines } from './table.ts';
import type { Terminal, Tone } from './terminal.ts';
import { padToWidth, widthOf } from './text-width.ts';
import { wrapped } from './wrap.ts';

const FILES_SHOWN = 40;
const SUMMARY_LINES = 30;
const OUTPUT_LINES = 15;

/** A delegation that is over, and which command can still change that. */
export interface Over {
  readonly ending: Ending;
  readonly next: 'restore' | 'discard' | null;
}

/** What a decision rests on, in a few lines: for the question whether to merge or to discard. */
export function basisLines({ result, branch }: DeliveredWork, tip: string, terminal: Terminal): string[] {
  const { say, paint } = terminal;
  const { words, tone } = stateText({ state: 'ended', result, disposition: null }, null);
  const facts = result.change ? [say(filesText(result.change.files.length)), sizeText(result.change)] : [];
  const [name, state, rest] = [oneLine(branch, 250), say(words), [...facts, say(costText(result.cost))].join(' · ')];
  const named = `${paint('bold', name)} · ${paint(tone, state)}`;
  const fits = terminal.columns === null || widthOf(`${name} · ${state} · ${rest}`) <= terminal.columns;
  const head = fits ? [`${named} · ${rest}`] : [named, `  ${rest}`];
  const more = tip === result.tip ? [] : [paint('warn', `! ${say(message('cli.report.more', { tip: tip.slice(0, 7) }))}`)];
  const reason = result.reason && result.outcome !== 'ready' ? wrapped(terminal.sentence(result.reason), terminal, '  ') : [];
  return [
    ...head,
    ...reason,
    ...checkLines(result, terminal),
    ...proofLines(result, terminal),
    ...seenLines(result, terminal),
    ...warningLines(result, terminal),
    ...more,
  ];
}

/** The report as somebody reads it in a terminal: what it came to, the evidence, what was changed, and what to do next. */
export function reportLines(result: AttemptResult, over: Over | null, terminal: Terminal): string[] {
  const ending = over?.ending ?? null;
  const { say, paint } = terminal;
  const { words, tone } = stateText({ state: 'ended', result, disposition: null }, ending);
  const outcome = outcomeText(result.outcome);
  const from = checksFromText(result);
  const state = ending ? `${say(words)} (${say(outcome)})` : say(words);
  return [
    `${paint('bold', oneLine(result.branch, 250))}  ${paint(tone, state)}`,
    ...wrapped(hideSecrets(oneLine(result.task, 500)), terminal, '  '),
    ...(result.reason
      ? ['', ...wrapped(terminal.sentence(result.reason), terminal).map((line) => paint(tone === 'plain' ? 'plain' : tone, line))]
      : []),
    ...section(
      'cli.report.checks',
      result.checks.length > 0
        ? [...checkLines(result, terminal), ...proofLines(result, terminal), ...seenLines(result, terminal)]
        : [`  ${say(message('checks.noneRun'))}`, ...seenLines(result, terminal)],
      terminal,
      from && oneLine(say(from), 200),
    ),
    ...outputLines(result, terminal),
    ...section('cli.report.warnings', [...warningLines(result, terminal), ...notSeenLines(result, terminal)], terminal),
    ...section(
      'cli.report.files',
      fileLines(result, terminal),
      terminal,
      result.change && `${result.change.files.length} · ${sizeText(result.change)}`,
    ),
    ...section('cli.report.summary', summaryLines(result, terminal), terminal),
    ...section('cli.report.sent', sentLines(result, terminal), terminal),
    ...section('cli.report.facts', factLines(result, terminal), terminal),
    ...section('cli.report.next', nextLines(result, over, terminal), terminal),
  ];
}

const SANDBOX_WORDS = {
  on: 'cli.report.sandboxOn',
  container: 'cli.report.sandboxContainer',
  off: 'cli.report.sandboxOff',
  none: 'cli.report.sandboxNone',
} as const satisfies Record<AttemptResult['sandbox'], string>;

function section(title: PlainCode, lines: readonly string[], { say, paint }: Terminal, beside?: string | null): string[] {
  if (lines.length === 0) return [];
  return ['', `${paint('bold', say(message(title)))}${beside ? `  ${beside}` : ''}`, ...lines];
}

export const filesText = (count: number): Message => (count === 1 ? message('merge.filesOne') : message('merge.filesMany', { count }));

const VERDICTS = {
  pass: ['cli.verdict.pass', 'good'],
  fixed: ['cli.verdict.fixed', 'good'],
  regressed: ['cli.verdict.regressed', 'bad'],
  still_failing: ['cli.verdict.stillFailing', 'warn'],
  cannot_run: ['cli.verdict.cannotRun', 'bad'],
  installed: ['cli.verdict.installed', 'plain'],
} as const satisfies Readonly<Record<AttemptResult['checks'][number]['verdict'], readonly [PlainCode, Tone]>>;

function checkLines({ checks }: AttemptResult, terminal: Terminal): string[] {
  const { say } = terminal;
  const rows = checks.map(({ command, base, result, verdict }): Cell[] => {
    const isStopped = result?.killed && result.killed !== 'cancelled';
    const [code, tone] = isStopped ? (['cli.verdict.stopped', 'bad'] as const) : VERDICTS[verdict];
    return [
      { text: oneLine(command, 200) },
      { text: `${say(checkRunText(base))} → ${say(checkRunText(result))}` },
      { text: say(message(code)), tone },
    ];
  });
  return tableLines([{ rank: 0 }, { rank: 0 }, { rank: 1 }], rows, terminal, '  ');
}

const proofLines = (result: AttemptResult, terminal: Terminal) =>
  proofTexts(result).flatMap((text) => wrapped(oneLine(terminal.say(text), 500), terminal, '  '));

const seenLines = (result: AttemptResult, terminal: Terminal) =>
  seenTexts(result).flatMap((text) => wrapped(hideSecrets(oneLine(terminal.say(text), 500)), terminal, '  '));

/** The end of what the first failing check printed; cut as the terminal is wide. */
function outputLines({ checks }: AttemptResult, terminal: Terminal): string[] {
  const withOutput = (wanted: string) => checks.find(({ verdict, result }) => verdict === wanted && result?.tail);
  const failing = withOutput('regressed') ?? withOutput('cannot_run') ?? withOutput('still_failing');
  if (!failing?.result) return [];
  const lines = hideSecrets(escapeUntrusted(failing.result.tail)).trimEnd().split('\n').slice(-OUTPUT_LINES);
  const title = terminal.say(message('cli.report.output', { command: oneLine(failing.command, 100) }));
  return ['', terminal.paint('bold', title), ...lines.map((line) => terminal.paint('dim', `  ${line.replaceAll('\t', '  ')}`))];
}

function warningLines({ warnings }: AttemptResult, terminal: Terminal): string[] {
  return [...warnings]
    .sort((a, b) => Number(b.level === 'blocking') - Number(a.level === 'blocking'))
    .flatMap((warning) => {
      const { level, text } = warning;
      const [first = '', ...rest] = wrapped(oneLine(placeText(warning) + terminal.say(text), 1000), terminal, '    ');
      const mark = level === 'blocking' ? '!' : '-';
      return [`  ${mark} ${first.trimStart()}`, ...rest].map((line) => terminal.paint(level === 'blocking' ? 'warn' : 'plain', line));
    });
}

function notSeenLines({ notSeen }: AttemptResult, terminal: Terminal): string[] {
  if (notSeen.length === 0) return [];
  const files = notSeen.slice(0, 8).map((file) => oneLine(file, 150));
  const named = notSeen.length > files.length ? message('list.more', { first: files, more: notSeen.length - files.length }) : files;
  return wrapped(terminal.say(message('cli.report.notSeen', { files: named })), terminal, '    ').map((line, at) =>
    at === 0 ? `  - ${line.trimStart()}` : line,
  );
}

function fileLines({ change }: AttemptResult, terminal: Terminal): string[] {
  if (!change) return [];
  const rows = change.files.slice(0, FILES_SHOWN).map((file): Cell[] => [
    { text: file.status, tone: file.status === 'A' ? 'good' : file.status === 'D' ? 'bad' : 'plain' },
    { text: `${file.from ? `${oneLine(file.from, 250)} → ` : ''}${oneLine(file.path, 250)}` },
    {
      text: file.added === null ? terminal.say(message('cli.report.binary')) : sizeText({ added: file.added, removed: file.removed ?? 0 }),
    },
  ]);
  const left = change.files.length - rows.length;
  const more = left > 0 ? [`  ${terminal.say(message('cli.report.moreFiles', { count: left }))}`] : [];
  return [...tableLines([{ rank: 0 }, { rank: 0 }, { rank: 1, right: true }], rows, terminal, '  '), ...more];
}

function summaryLines({ summary }: AttemptResult, terminal: Terminal): string[] {
  const text = hideSecrets(escapeUntrusted(summary)).trim();
  if (!text) return [];
  const lines = wrapped(text, terminal, '  ');
  return lines.length > SUMMARY_LINES ? [...lines.slice(0, SUMMARY_LINES), '  …'] : lines;
}

const SENT_SHOWN = 25;

/** What left the machine: where to, how much, of which files, and what was kept back. */
function sentLines({ sent }: AttemptResult, terminal: Terminal): string[] {
  if (!sent || sent.requests === 0) return [];
  const { say } = terminal;
  const kb = (bytes: number) => (bytes / 1024).toFixed(1);
  const files = Object.entries(sent.files).sort(([, a], [, b]) => b.bytes - a.bytes);
  const rows = files
    .slice(0, SENT_SHOWN)
    .map(([file, account]): Cell[] => [
      { text: oneLine(say(sentFileText(file)), 250) },
      { text: `${kb(account.bytes)} KiB` },
      { text: say(sentByText(account)) },
    ]);
  const left = files.length - rows.length + sent.moreFiles;
  const withheld = Object.keys(sent.withheld);
  const lines: Message[] = [
    message('cli.sent.to', { host: sent.to.join(', ') || '?', requests: sent.requests, size: kb(sent.bytes) }),
    message('cli.sent.commands', { times: sent.by['run_command']?.times ?? 0, size: kb(sent.by['run_command']?.bytes ?? 0) }),
    ...Object.entries(sent.network ?? {})
      .slice(0, SENT_SHOWN)
      .map(([host, { connections, bytesOut, bytesIn }]) =>
        message('cli.sent.network', { host: oneLine(host, 250), times: connections, out: kb(bytesOut), in: kb(bytesIn) }),
      ),
    ...(withheld.length > 0
      ? [
          message('cli.sent.withheld', {
            names: withheld
              .slice(0, 20)
              .map((name) => oneLine(name, 150))
              .join(', '),
          }),
        ]
      : []),
  ];
  const more = left > 0 ? [`  ${say(message('cli.report.moreFiles', { count: left }))}`] : [];
  return [
    ...lines.flatMap((line) => wrapped(say(line), terminal, '  ')),
    ...tableLines([{ rank: 0 }, { rank: 0, right: true }, { rank: 1 }], rows, terminal, '  '),
    ...more,
  ];
}

function factLines(result: AttemptResult, terminal: Terminal): string[] {
  const { say } = terminal;
  const { usage, cost, base, tip, keptAt } = result;
  const cached = usage.input > 0 ? Math.round((100 * usage.cached) / usage.input) : 0;
  const amount = cost.amount === null ? say(message('result.costUnknown')) : `${SIGN[cost.currency]}${cost.amount.toFixed(4)}`;
  const saving = savingText(result);
  const facts: Message[] = [
    message('cli.report.attempt', {
      attempt: result.attempt,
      most: result.maxAttempts,
      steps: result.steps,
      time: durationText(result.durationMs),
    }),
    message('cli.report.cost', { amount, input: usage.input.toLocaleString('en'), cached, output: usage.output.toLocaleString('en') }),
    ...(saving ? [saving] : []),
    ...(base && tip
      ? [message('cli.report.commits', { tip: tip.slice(0, 7), base: base.slice(0, 7), baseName: oneLine(result.baseName, 120) })]
      : []),
    ...(keptAt ? [message('cli.report.keptAt', { branch: oneLine(keptAt, 250) })] : []),
    ...(result.headMoved
      ? [message('cli.report.headMoved', { from: result.headMoved.from.slice(0, 7), to: result.headMoved.to.slice(0, 7) })]
      : []),
    message(SANDBOX_WORDS[result.sandbox]),
    ...(result.asRoot && result.sandbox === 'on' ? [message('cli.report.asRoot')] : []),
  ];
  return facts.flatMap((fact) => wrapped(say(fact), terminal, '  '));
}

function nextLines(result: AttemptResult, over: Over | null, terminal: Terminal): string[] {
  const branch = shellWord(result.branch);
  const can: (readonly [string, PlainCode])[] = [];
  const handed = result.tip !== null && result.base !== null;
  if (over?.next === 'restore') can.push([`restore ${branch}`, over.ending === 'merged' ? 'cli.next.restoreMerged' : 'cli.next.restore']);
  if (handed) can.push([`diff ${branch}`, 'cli.next.diff']);
  if (over?.next === 'discard') can.push([`discard ${branch}`, 'cli.next.discardMerged']);
  if (over === null) {
    if (handed) can.push([`merge ${branch}`, OUTCOME_RULES[result.outcome].mergeable ? 'cli.next.merge' : 'cli.next.mergeAnyway']);
    if (isResumable({ result })) can.push([`resume ${branch}`, 'cli.next.resume']);
    can.push([`discard ${branch}`, 'cli.next.discard']);
  }
  can.push([`log ${branch}`, 'cli.next.log']);
  const width = Math.max(...can.map(([command]) => widthOf(command)));
  const lines = can.map(([command, code]) => ({
    command: `  ${terminal.program} ${padToWidth(command, width)}`,
    hint: terminal.say(message(code)),
  }));
  const { columns } = terminal;
  const fit = columns === null || lines.every(({ command, hint }) => widthOf(`${command}  ${hint}`) <= columns);
  // A command is there to be copied, so it is never broken.
  return lines.flatMap(({ command, hint }) =>
    fit ? [`${command}  ${terminal.paint('dim', hint)}`] : [command.trimEnd(), terminal.paint('dim', `    ${hint}`)],
  );
}
