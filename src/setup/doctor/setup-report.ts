import { homedir } from 'node:os';
import type { SetupContext } from '../setup-context.ts';

/** One thing that was looked at. `bad` keeps work from being handed over; `note` does not. */
export interface Finding {
  readonly state: 'good' | 'note' | 'bad';
  readonly what: string;
  readonly found: string;
  /** What to do about it. */
  readonly remedy?: string;
}

export interface SetupReport {
  /** The user decided that nothing of what is open here is sent. */
  readonly withheld: boolean;
  readonly findings: readonly Finding[];
  readonly settings: readonly { readonly name: string; readonly value: string; readonly from: string }[];
}

const MARKS = { good: '✓', note: '–', bad: '✗' } as const;

/** The report as a page. Values are escaped: they come from files that others may have written. */
export function reportPage(report: SetupReport, { t, version }: Pick<SetupContext, 't' | 'version'>): string {
  const row = (...cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [
    `# Kimi Delegate ${version}`,
    '',
    headline(report, t),
    '',
    `| | ${t('What')} | ${t('Found')} | ${t('What to do')} |`,
    '|---|---|---|---|',
    ...report.findings.map(({ state, what, found, remedy }) => row(MARKS[state], what, found, remedy ?? '')),
    '',
    `## ${t('Settings and where they come from')}`,
    '',
    `| ${t('Setting')} | ${t('Value')} | ${t('From')} |`,
    '|---|---|---|',
    ...report.settings.map(({ name, value, from }) => row(name, value, from)),
    '',
    t(
      'A server that Claude Code starts asks the window that has its repository open, each time. Variables in the environment of Claude Code win over the window; files count last.',
    ),
    '',
  ].join('\n');
}

function headline({ findings, withheld }: SetupReport, t: SetupContext['t']): string {
  const bad = findings.filter(({ state }) => state === 'bad').length;
  if (bad > 0) return t('{0} to mend before Claude Code can hand over work.', bad);
  return withheld
    ? t('Everything is ready, but you decided that code of this folder is not sent: Claude does all the work here.')
    : t('Everything is ready: Claude Code can hand over work.');
}

function cell(text: string): string {
  const short = text.replaceAll(homedir(), '~').replaceAll(/\s+/g, ' ');
  return short.replaceAll(/[\\`*_{}[\]<>#|~!]/g, (sign) => (sign === '~' && short.startsWith('~') ? sign : `\\${sign}`));
}
