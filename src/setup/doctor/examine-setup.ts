import { errorText } from '../../common/caught-error.ts';
import type { SetupContext } from '../setup-context.ts';
import { accountFindings } from './account-findings.ts';
import { claudeFindings, launcherFindings, permissionFindings, rulesFindings } from './claude-findings.ts';
import { agentModeFindings, consentFindings, isWithheld, windowFindings } from './consent-findings.ts';
import { gitFindings, nodeFindings } from './machine-findings.ts';
import { networkFindings } from './network-findings.ts';
import { sandboxFindings } from './sandbox-findings.ts';
import { resolve, settingFindings, settingRows } from './settings-findings.ts';
import type { Finding, SetupReport, Subject } from './setup-report.ts';
import { stateFindings } from './state-findings.ts';
import { versionFindings } from './version-findings.ts';
import { windowsCodeFindings } from './windows-findings.ts';

/** Looks at everything that delegation needs, as a server would see it. Changes nothing of it; costs no tokens. */
export async function examineSetup(context: SetupContext): Promise<SetupReport> {
  const { t, folders } = context;
  const resolved = await Promise.all((folders.length > 0 ? folders : [undefined]).map((folder) => resolve(context, folder)));
  // What cannot be looked at is a finding, and hides no other.
  const look = async (subject: Subject, find: () => Promise<Finding[]> | Finding[]): Promise<Finding[]> => {
    try {
      return await find();
    } catch (error) {
      return [{ subject, state: 'bad', found: errorText(error), remedy: t('Fix that, then check again.') }];
    }
  };
  const findings = await Promise.all([
    look('node', () => nodeFindings(context)),
    look('git', () => gitFindings(context)),
    look('sandbox', () => sandboxFindings(context)),
    look('settings', () => settingFindings(context, resolved)),
    look('endpoint', () => accountFindings(context, resolved)),
    look('network', () => networkFindings(context)),
    look('consent', () => consentFindings(context, resolved)),
    look('window', () => windowFindings(context)),
    look('window', () => windowsCodeFindings(context)),
    look('agentMode', () => agentModeFindings(context)),
    look('claude', () => claudeFindings(context)),
    look('permissions', () => permissionFindings(context)),
    look('rules', () => rulesFindings(context)),
    look('launcher', () => launcherFindings(context)),
    look('state', () => stateFindings(context)),
    look('version', () => versionFindings(context)),
  ]);
  return { findings: findings.flat(), settings: settingRows(context, resolved), withheld: isWithheld(context, resolved) };
}
