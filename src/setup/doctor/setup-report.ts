import { homedir } from 'node:os';
import type { Translate } from '../../messages/translate.ts';

/** What is looked at, in the order in which it is shown. */
export const SUBJECTS = [
  'node',
  'git',
  'sandbox',
  'folder',
  'settings',
  'key',
  'endpoint',
  'model',
  'balance',
  'network',
  'consent',
  'window',
  'agentMode',
  'claude',
  'connection',
  'permissions',
  'rules',
  'launcher',
  'state',
  'version',
] as const;
export type Subject = (typeof SUBJECTS)[number];

/** One thing that was looked at. `bad` keeps work from being handed over; `note` does not. */
export interface Finding {
  readonly subject: Subject;
  readonly state: 'good' | 'note' | 'bad';
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

export function titleOf(subject: Subject, t: Translate): string {
  switch (subject) {
    case 'node':
      return 'Node.js';
    case 'git':
      return 'git';
    case 'sandbox':
      return t('Sandbox');
    case 'folder':
      return t('Folder');
    case 'settings':
      return t('Settings');
    case 'key':
      return t('API key');
    case 'endpoint':
      return t('Endpoint');
    case 'model':
      return t('Model');
    case 'balance':
      return t('Balance');
    case 'network':
      return t('Network');
    case 'consent':
      return t('Consent');
    case 'window':
      return t('Window');
    case 'agentMode':
      return t('Agent mode');
    case 'claude':
      return 'Claude Code';
    case 'connection':
      return t('Connection');
    case 'permissions':
      return t('Permissions');
    case 'rules':
      return t('Delegation rules');
    case 'launcher':
      return t('Launcher');
    case 'state':
      return t('State directory');
    case 'version':
      return t('Version');
  }
}

export const MARKS = { good: '✓', note: '–', bad: '✗' } as const;

/** The report as a page. Values are escaped: they come from files that others may have written. */
export function reportPage(report: SetupReport, { t, version }: { readonly t: Translate; readonly version: string }): string {
  const row = (...cells: string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [
    `# Kimi Delegate ${version}`,
    '',
    headline(report, t),
    '',
    `| | ${t('What')} | ${t('Found')} | ${t('What to do')} |`,
    '|---|---|---|---|',
    ...report.findings.map(({ state, subject, found, remedy }) => row(MARKS[state], titleOf(subject, t), found, remedy ?? '')),
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

export function headline({ findings, withheld }: SetupReport, t: Translate): string {
  const bad = findings.filter(({ state }) => state === 'bad').length;
  if (bad === 1) return t('1 problem to fix before Claude Code can hand over work.');
  if (bad > 1) return t('{0} problems to fix before Claude Code can hand over work.', bad);
  return withheld
    ? t('Everything is ready, but you decided that code of this folder is not sent: Claude does all the work here.')
    : t('Everything is ready: Claude Code can hand over work.');
}

function cell(text: string): string {
  const short = text.replaceAll(homedir(), '~').replaceAll(/\s+/g, ' ');
  return short.replaceAll(/[\\`*_{}[\]<>#|~!]/g, (sign) => (sign === '~' && short.startsWith('~') ? sign : `\\${sign}`));
}
