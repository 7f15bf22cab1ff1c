import { messageText } from '../../messages/translate.ts';
import { probeSandbox } from '../../sandbox/probe-sandbox.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

/** Runs a command in it, with the real flags. */
export async function sandboxFindings({ t, settings, door }: SetupContext): Promise<Finding[]> {
  const subject = 'sandbox';
  if (settings.get('sandbox') === 'unsandboxed') {
    const found = t('switched off: commands run with your own rights');
    return [{ subject, state: 'note', found, remedy: t('Set {0} to {1}.', door.setting('sandbox'), 'required') }];
  }
  const probe = await probeSandbox();
  if (probe.ok) return [{ subject, state: 'good', found: `bubblewrap ${probe.version}` }];
  return [{ subject, state: 'bad', found: t('does not work'), remedy: messageText(probe.reason, t) }];
}
