import { errorText } from '../../common/caught-error.ts';
import type { SetupContext } from '../setup-context.ts';
import { accountFindings } from './account-findings.ts';
import { claudeFindings, launcherFindings, permissionFindings, rulesFindings } from './claude-findings.ts';
import { consentFindings, isWithheld, windowFindings } from './consent-findings.ts';
import { proxyFindings, sandboxFindings } from './sandbox-findings.ts';
import { resolve, settingFindings, settingRows } from './settings-findings.ts';
import type { Finding, SetupReport } from './setup-report.ts';

/** Looks at everything that delegation needs, as a server would see it. Changes nothing of it; costs no tokens. */
export async function examineSetup(context: SetupContext): Promise<SetupReport> {
  const { t, folders } = context;
  const resolved = await Promise.all((folders.length > 0 ? folders : [undefined]).map((folder) => resolve(context, folder)));
  // What cannot be looked at is a finding, and hides no other.
  const look = async (what: string, find: () => Promise<Finding[]> | Finding[]): Promise<Finding[]> => {
    try {
      return await find();
    } catch (error) {
      return [{ state: 'bad', what, found: errorText(error), remedy: t('Mend that, then check again.') }];
    }
  };
  const findings = await Promise.all([
    look(t('Settings'), () => settingFindings(context, resolved)),
    look(t('Endpoint'), () => accountFindings(context, resolved)),
    look(t('Proxy'), () => proxyFindings(context)),
    look(t('Sandbox'), () => sandboxFindings(context)),
    look(t('Consent'), () => consentFindings(context)),
    look(t('Window'), () => windowFindings(context)),
    look('Claude Code', () => claudeFindings(context)),
    look(t('Permissions'), () => permissionFindings(context)),
    look(t('Delegation rules'), () => rulesFindings(context)),
    look(t('Launcher'), () => launcherFindings(context)),
  ]);
  return { findings: findings.flat(), settings: settingRows(context, resolved), withheld: isWithheld(context) };
}
