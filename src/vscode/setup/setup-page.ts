import { homedir } from 'node:os';
import type { Translate } from '../../messages/translate.ts';
import { type Finding, headline, MARKS, type SetupReport, type Subject, titleOf } from '../../setup/doctor/setup-report.ts';
import { windowDoor } from '../../setup/door.ts';
import { commandLink, type Html, html } from '../page/html.ts';

/** The command that mends what a finding is about, with what a link to it says. */
function mending(subject: Subject, t: Translate): readonly [command: string, label: string] | null {
  switch (subject) {
    case 'key':
    case 'balance':
      return ['claudeKimi.setApiKey', t('Set API Key…')];
    case 'model':
      return ['claudeKimi.chooseModel', t('Choose Model…')];
    case 'sandbox':
      return ['claudeKimi.trySandbox', t('Try Sandbox…')];
    case 'consent':
      return ['claudeKimi.choosePrivacy', t('What Is Sent Where…')];
    case 'claude':
    case 'connection':
    case 'permissions':
    case 'launcher':
      return ['claudeKimi.connectClaude', t('Connect Claude Code')];
    case 'rules':
      return ['claudeKimi.editRules', t('Edit Delegation Rules…')];
    case 'settings':
    case 'endpoint':
      return [SETTINGS, t('Open Settings')];
    case 'folder':
      return [TRUST, t('Manage Workspace Trust')];
    default:
      return null;
  }
}

const SETTINGS = 'workbench.action.openSettings';
const TRUST = 'workbench.trust.manage';
const AGAIN = 'claudeKimi.checkSetup';
const OTHERS = ['setApiKey', 'chooseModel', 'trySandbox', 'choosePrivacy', 'connectClaude', 'editRules'].map(
  (name) => `claudeKimi.${name}`,
);
/** What the links of the page may run. */
export const SETUP_PAGE_COMMANDS = [AGAIN, 'claudeKimi.setUp', ...OTHERS, SETTINGS, TRUST];

/** What a look at the set-up has found: what is to be mended first, each with a link to what mends it. */
export function setupPage(report: SetupReport, { t, version }: { readonly t: Translate; readonly version: string }): Html {
  const { findings, settings, withheld } = report;
  const isBad = findings.some(({ state }) => state === 'bad');
  const tone = isBad ? 'bad' : withheld ? 'warning' : 'good';
  const mark = isBad ? '✗' : withheld ? '⚠' : '✓';
  const sorted = findings.toSorted((a, b) => ORDER[a.state] - ORDER[b.state]);
  const again = html`<li class="${isBad ? '' : 'first'}">${commandLink(AGAIN, [], t('Check Again'))}</li>`;
  const setUp = isBad ? html`<li class="first">${commandLink('claudeKimi.setUp', [], t('Set Up…'))}</li>` : null;
  return html`<h1>Kimi Delegate ${version}</h1>
<p class="verdict ${tone}" role="status"><span aria-hidden="true">${mark} </span>${headline(report, t)}</p>
<nav aria-label="${t('Actions')}"><ul class="actions">${setUp}${again}</ul></nav>
<table class="stacked"><thead><tr><th scope="col">${t('State')}</th><th scope="col">${t('What')}</th><th scope="col">${t('Found')}</th>
<th scope="col">${t('What to do')}</th></tr></thead><tbody>${sorted.map((finding) => row(finding, t))}</tbody></table>
<details><summary>${t('Settings and where they come from')}</summary>
<p>${t('A server that Claude Code starts asks the window that has its repository open, each time. Variables in the environment of Claude Code win over the window; files count last.')}</p>
<table><thead><tr><th scope="col">${t('Setting')}</th><th scope="col">${t('Value')}</th><th scope="col">${t('From')}</th></tr></thead><tbody>${settings.map(
    ({ name, value, from }) => html`<tr><th scope="row">${name}</th><td>${shown(value)}</td><td>${shown(from)}</td></tr>`,
  )}</tbody></table></details>`;
}

const ORDER = { bad: 0, note: 1, good: 2 } as const;

function row({ state, subject, found, remedy }: Finding, t: Translate): Html {
  const words = { good: t('good'), note: t('note'), bad: t('to fix') };
  const mends = state === 'good' ? null : mending(subject, t);
  const title = titleOf(subject, t);
  const link = mends && commandLink(mends[0], mends[0] === SETTINGS ? ['claudeKimi'] : [], mends[1], `${title}: ${mends[1]}`);
  // A sentence that names only the command of the link says it twice.
  const { key, connect } = windowDoor(t).remedies;
  const advice = remedy && !(link && [key, connect].includes(remedy)) ? html`${shown(remedy)} ` : null;
  return html`<tr><td class="narrow ${state}"><span aria-hidden="true">${MARKS[state]} </span>${words[state]}</td><th scope="row" class="narrow">${title}</th>
<td>${shown(found)}</td><td>${advice}${link}</td></tr>`;
}

const shown = (text: string) => text.replaceAll(homedir(), '~');
