import { errorText } from '../../../common/caught-error.ts';
import type { SetupPlace } from '../place.ts';
import { accountFindings } from './account.ts';
import { claudeFindings, launcherFindings, permissionFindings, rulesFindings } from './claude.ts';
import { consentFindings, isWithheld, windowFindings } from './consent.ts';
import type { CheckReport, Finding } from './page.ts';
import { proxyFindings, sandboxFindings } from './sandbox.ts';
import { resolve, settingFindings, settingRows } from './settings.ts';

/** Looks at everything that delegation needs, as a server would see it. Changes nothing of it; costs no tokens. */
export async function examine(place: SetupPlace): Promise<CheckReport> {
  const { t, folders } = place;
  const resolved = await Promise.all((folders.length > 0 ? folders : [undefined]).map((folder) => resolve(place, folder)));
  // What cannot be looked at is a finding, and hides no other.
  const look = async (what: string, find: () => Promise<Finding[]> | Finding[]): Promise<Finding[]> => {
    try {
      return await find();
    } catch (error) {
      return [{ state: 'bad', what, found: errorText(error), remedy: t('Mend that, then check again.') }];
    }
  };
  const findings = await Promise.all([
    look(t('Settings'), () => settingFindings(place, resolved)),
    look(t('Endpoint'), () => accountFindings(place, resolved)),
    look(t('Proxy'), () => proxyFindings(place)),
    look(t('Sandbox'), () => sandboxFindings(place)),
    look(t('Consent'), () => consentFindings(place)),
    look(t('Window'), () => windowFindings(place)),
    look('Claude Code', () => claudeFindings(place)),
    look(t('Permissions'), () => permissionFindings(place)),
    look(t('Delegation rules'), () => rulesFindings(place)),
    look(t('Launcher'), () => launcherFindings(place)),
  ]);
  return { findings: findings.flat(), settings: settingRows(place, resolved), withheld: isWithheld(place) };
}
