import assert from 'node:assert/strict';
import { resolveSettings, variableLayer } from '../../src/config.ts';
import { consentFindings, isWithheld } from '../../src/setup/doctor/consent-findings.ts';
import { playContext, playUser } from './played-user.ts';

describe('Check Setup, of what may be sent', () => {
  it('counts a refusal in a file beside what is decided in the window, as a server does', () => {
    const context = playContext(playUser([]), { folders: ['/w/shop'], defaults: { repositories: { '*': 'allow' } } });
    const found = (repositories: string) => {
      const resolution = resolveSettings([variableLayer('file', '.env', { KIMI_REPOSITORIES: repositories })]);
      const resolved = [{ folder: '/w/shop', resolution }];
      return [consentFindings(context, resolved)[0]?.found, isWithheld(context, resolved)];
    };
    assert.deepEqual(found('{"/w/shop":"deny"}'), ['code of /w/shop is never sent', true]);
    assert.deepEqual(found('ask'), ['code of /w/shop may be sent', false]);
    context.remove();
  });
});
