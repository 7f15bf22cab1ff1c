import os from 'node:os';
import { hideSecrets } from '../../common/hide-secrets.ts';
import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';
import { message } from '../../messages/message.ts';
import { examineSetup } from '../../setup/doctor/examine-setup.ts';
import { type Finding, headline, MARKS, reportPage, type SetupReport, titleOf } from '../../setup/doctor/setup-report.ts';
import type { SetupContext } from '../../setup/setup-context.ts';
import { defineCommand, JSON_OPTION } from '../command.ts';
import { INTERRUPTED } from '../hold-interrupt.ts';
import type { Terminal } from '../terminal.ts';
import { padToWidth, widthOf } from '../text-width.ts';
import { wrapped } from '../wrap.ts';
import { createPrompts, Interrupted } from './prompts.ts';
import { openSetupContext } from './setup-context.ts';
import { translator } from './translator.ts';

/** Looks at everything that delegation needs, and says of each what is wrong and what mends it. */
export const doctor = defineCommand({
  about: 'cli.doctor.about',
  options: {
    report: { type: 'boolean', about: 'cli.doctor.option.report' },
    'no-update-check': { type: 'boolean', about: 'cli.doctor.option.noUpdateCheck' },
    ...JSON_OPTION,
  },
  async run({ options }, context) {
    const { terminal, env } = context;
    if (options.report && options.json) return terminal.misuse(message('cli.oneOf', { first: '--report', second: '--json' }), 'doctor');
    const t = await translator(terminal.language);
    const ui = createPrompts({ terminal, t, output: process.stderr, unattended: true });
    const askForUpdates = !options['no-update-check'] && !env.NO_UPDATE_NOTIFIER;
    const setupContext = await openSetupContext(context, { ui, t, askForUpdates });
    const report = await ui
      .busy(t('Checking the set-up…'), () => examineSetup(setupContext))
      .catch((error: unknown) => {
        if (error instanceof Interrupted) return null;
        throw error;
      });
    if (!report) return INTERRUPTED;
    if (options.json) terminal.printJson(asJson(report, setupContext));
    else if (options.report) terminal.print(asIssue(report, setupContext));
    else for (const line of reportLines(report, setupContext, terminal)) terminal.print(line);
    return report.findings.some(({ state }) => state === 'bad') ? 1 : 0;
  },
});

const TONES = { good: 'good', note: 'warn', bad: 'bad' } as const;

function reportLines(report: SetupReport, { t, home }: SetupContext, terminal: Terminal): string[] {
  const titles = report.findings.map(({ subject }) => titleOf(subject, t));
  const width = Math.max(...titles.map(widthOf));
  const indent = ' '.repeat(width + 6);
  const body = (text: string) => wrapped(escapeUntrusted(withoutHome(hideSecrets(text), home)), terminal, indent);
  const lines = report.findings.flatMap(({ state, found, remedy }, index) => {
    const [first = '', ...rest] = body(found);
    const title = padToWidth(titles[index] ?? '', width);
    const advice = remedy ? body(`→ ${remedy}`).map((line) => terminal.paint(state === 'bad' ? 'bold' : 'dim', line)) : [];
    return [`  ${terminal.paint(TONES[state], MARKS[state])} ${title}  ${first.trimStart()}`, ...rest, ...advice];
  });
  const isBad = report.findings.some(({ state }) => state === 'bad');
  return [...lines, '', terminal.paint(isBad ? 'bad' : 'good', headline(report, t))];
}

function asJson({ findings, settings, withheld }: SetupReport, { version }: SetupContext) {
  const clean = ({ found, remedy, ...rest }: Finding) => ({
    ...rest,
    found: hideSecrets(found),
    remedy: remedy ? hideSecrets(remedy) : null,
  });
  const shown = settings.map((row) => ({ ...row, value: hideSecrets(row.value) }));
  return { ok: findings.every(({ state }) => state !== 'bad'), version, withheld, findings: findings.map(clean), settings: shown };
}

/** What somebody logs in with stands in commands in any form, and everybody reads an issue. */
const IS_COMMAND = /^(KIMI_(SETUP_COMMAND|CHECKS)|claudeKimi\.(setupCommand|checks))\b/;

/** For an issue: no secrets, and no name of the user in a path. */
function asIssue(report: SetupReport, context: SetupContext): string {
  const machine = [
    `${os.type()} ${os.release()} ${os.arch()}`,
    `Node.js ${process.version}`,
    `LANG=${context.env.LC_ALL ?? context.env.LANG ?? ''}`,
  ];
  const settings = report.settings.map((row) => (IS_COMMAND.test(row.name) && row.value ? { ...row, value: '(hidden)' } : row));
  const page = `${reportPage({ ...report, settings }, context)}\n${machine.map((line) => `- ${line}`).join('\n')}`;
  return escapeUntrusted(withoutHome(hideSecrets(page), context.home));
}

function withoutHome(text: string, home: string): string {
  return home.length > 1 ? text.replaceAll(home, '~') : text;
}
