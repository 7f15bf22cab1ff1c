import path from 'node:path';
import { type Resolution, resolveSettings, SETTING_NAMES, shownName } from '../../config.ts';
import type { Message } from '../../messages/message.ts';
import { messageText } from '../../messages/translate.ts';
import { settingLayers } from '../setting-layers.ts';
import { isWindowSetting } from '../setting-scopes.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding, SetupReport } from './setup-report.ts';

/** Longer lists are shown by their beginning. */
const MAX_ITEMS = 4;

/** The settings as a server gets them that works in a folder. */
export interface Resolved {
  readonly folder: string | undefined;
  readonly resolution: Resolution;
}

export async function resolve(context: SetupContext, folder: string | undefined): Promise<Resolved> {
  return { folder, resolution: resolveSettings(await settingLayers(context, folder)) };
}

/** The settings of the first folder, and what is different in others. */
export function settingRows(context: SetupContext, [first, ...others]: readonly Resolved[]): SetupReport['settings'] {
  const rows = rowsOf(context, first);
  const different = others.flatMap((other) => {
    const own = rowsOf(context, other).filter(({ value, from }, index) => value !== rows[index]?.value || from !== rows[index]?.from);
    return own.map((row) => ({ ...row, name: `${row.name} (${path.basename(other.folder ?? '')})` }));
  });
  return [...rows, ...different];
}

function rowsOf({ t, door }: SetupContext, resolved: Resolved | undefined): SetupReport['settings'] {
  if (!resolved?.resolution.ok) return [];
  const { values, origins } = resolved.resolution.settings;
  return SETTING_NAMES.map((name) => {
    const { source, layer } = origins[name];
    const value =
      name === 'apiKey' ? (values.apiKey ? HIDDEN : '') : name === 'baseUrl' ? withoutTokens(values.baseUrl) : shownValue(values[name], t);
    const shown =
      name === 'apiKey' && (source === 'window' || source === 'default')
        ? t('API key')
        : shownName(name, source === 'default' ? (door.kind === 'window' && isWindowSetting(name) ? 'window' : 'environment') : source);
    const ofWindow = name === 'apiKey' ? t('VS Code’s secret storage') : t('VS Code’s settings');
    const from = source === 'default' ? t('default') : source === 'window' ? ofWindow : wordsOf(layer, t);
    return { name: wordsOf(shown, t), value, from };
  });
}

/** A name is shown as it is. */
const wordsOf = (text: string | Message, t: SetupContext['t']) => (typeof text === 'string' ? text : messageText(text, t));

const HIDDEN = '••••••••';

/** Gateways of companies have addresses with a token as a part of the path, and the report is made to be shown to others. */
function withoutTokens(address: string): string {
  return address.replace(/(?<=[^/]\/)(?=[^/]*\d)[^/]{16,}(?=\/|$)/g, HIDDEN);
}

function shownValue(value: unknown, t: SetupContext['t']): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) {
    const shown = value.slice(0, MAX_ITEMS).join(', ');
    return value.length > MAX_ITEMS ? t('{0} and {1} more', shown, value.length - MAX_ITEMS) : shown;
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function settingFindings({ t, trusted, folders, door }: SetupContext, resolved: readonly Resolved[]): Finding[] {
  const findings: Finding[] = [];
  if (!trusted) {
    findings.push({
      state: 'bad',
      subject: 'folder',
      found: t('open in Restricted Mode'),
      remedy: t('Trust the folder (command Workspaces: Manage Workspace Trust).'),
    });
  }
  if (folders.length === 0 && door.kind === 'window') {
    findings.push({
      state: 'note',
      subject: 'folder',
      found: t('none is open'),
      remedy: t('Open a repository: only its window lends the key to Claude Code.'),
    });
  }
  const words = (messages: readonly Message[]) => new Set(messages.map((message) => messageText(message, t)));
  const problems = words(resolved.flatMap(({ resolution }) => (resolution.ok ? [] : resolution.problems)));
  const ignored = words(resolved.flatMap(({ resolution }) => (resolution.ok ? resolution.settings.ignored : [])));
  for (const found of problems) findings.push({ subject: 'settings', state: 'bad', found, remedy: t('Correct the setting.') });
  for (const found of ignored) findings.push({ subject: 'settings', state: 'note', found });
  return findings;
}
