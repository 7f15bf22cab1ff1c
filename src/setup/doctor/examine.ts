import { errorText } from '../../common/caught-error.ts';
import type { SetupContext } from '../context.ts';
import { accountFindings } from './account.ts';
import { claudeFindings, launcherFindings, permissionFindings, rulesFindings } from './claude.ts';
import { consentFindings, isWithheld, windowFindings } from './consent.ts';
import type { Finding, SetupReport } from './report.ts';
import { proxyFindings, sandboxFindings } from './sandbox.ts';
import { resolve, settingFindings, settingRows } from './settings.ts';

/** Looks at everything that delegation needs, as a server would see it. Changes nothing of it; costs no tokens. */
export async function examine(context: SetupContext): Promise<SetupReport> {
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
