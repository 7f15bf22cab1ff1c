import { messageText } from '../../messages/translate.ts';
import { readHostFacts } from '../../sandbox/host-facts.ts';
import { probeSandbox } from '../../sandbox/probe-sandbox.ts';
import { missingSocat } from '../../sandbox/sandbox-remedies.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

/** Runs a command in it, with the real flags. */
export async function sandboxFindings({ t, settings, door }: SetupContext): Promise<Finding[]> {
  const subject = 'sandbox';
  if (settings.get('sandbox') === 'unsandboxed') {
    const found = t('switched off: commands run with your own rights');
    return [{ subject, state: 'note', found, remedy: t('Set {0} to {1}.', door.setting('sandbox'), 'required') }];
  }
  if (settings.get('sandbox') === 'container') {
    const remedy = t('Set {0} to {1}.', door.setting('sandbox'), 'required');
    if (readHostFacts().container === null) return [{ subject, state: 'bad', found: t('set to a container, but this is none'), remedy }];
    return [{ subject, state: 'note', found: t('none of its own: commands can reach all of this container, the key too'), remedy }];
  }
  const probe = await probeSandbox();
  if (probe.ok && probe.kind === 'seatbelt')
    return [
      {
        subject,
        state: 'note',
        found: t('sandbox-exec of macOS'),
        remedy: t('Its rules were checked as text; the makers of this program have not run it on macOS yet (docs/platforms.md).'),
      },
    ];
  if (probe.ok && probe.network) return [{ subject, state: 'good', found: `bubblewrap ${probe.version}` }];
  if (probe.ok) {
    const found = t('bubblewrap {0}, but commands have no network: socat is missing', probe.version);
    return [{ subject, state: 'note', found, remedy: messageText(missingSocat(readHostFacts()).text, t) }];
  }
  return [{ subject, state: 'bad', found: t('does not work'), remedy: messageText(probe.reason, t) }];
}
