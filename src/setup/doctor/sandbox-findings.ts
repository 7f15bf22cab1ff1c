import { messageText, type Translate } from '../../messages/translate.ts';
import { type HostFacts, readHostFacts } from '../../sandbox/host-facts.ts';
import { readHostMounts } from '../../sandbox/host-mounts.ts';
import { probeSandbox, type SandboxProbe } from '../../sandbox/probe-sandbox.ts';
import { canDoWithout, missingSocat } from '../../sandbox/sandbox-remedies.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

const subject = 'sandbox';

/** Runs a command in it, with the real flags. */
export async function sandboxFindings(context: SetupContext): Promise<Finding[]> {
  const facts = readHostFacts();
  const off = canDoWithout(facts) ? whenOff(context, facts) : null;
  return [off ?? describeProbe(await probeSandbox(), facts, readHostMounts().shared, context.t)];
}

function whenOff({ t, settings, door }: SetupContext, { container }: HostFacts): Finding | null {
  const remedy = t('Set {0} to {1}.', door.setting('sandbox'), 'required');
  switch (settings.get('sandbox')) {
    case 'unsandboxed':
      return { subject, state: 'note', found: t('switched off: commands run with your own rights'), remedy };
    case 'container':
      return container === null
        ? { subject, state: 'bad', found: t('set to a container, but this is none'), remedy }
        : { subject, state: 'note', found: t('none of its own: commands can reach all of this container, the key too'), remedy };
    default:
      return null;
  }
}

/** @param shared whether mounts of this machine reach sandboxes that run already, unless something keeps them out */
export function describeProbe(probe: SandboxProbe, facts: HostFacts, shared: boolean, t: Translate): Finding {
  if (!probe.ok) return { subject, state: 'bad', found: t('does not work'), remedy: messageText(probe.reason, t) };
  if (probe.kind === 'seatbelt') {
    const remedy = t('Its rules were checked as text; the makers of this program have not run it on macOS yet (docs/platforms.md).');
    return { subject, state: 'note', found: t('sandbox-exec of macOS'), remedy };
  }
  if (!probe.network) {
    const found = t('bubblewrap {0}, but commands have no network: socat is missing', probe.version);
    return { subject, state: 'note', found, remedy: messageText(missingSocat(facts).text, t) };
  }
  if (shared && probe.features.unshare === null) {
    const found = t(
      'bubblewrap {0}, but what this machine mounts below a shown folder while a command runs appears in its sandbox',
      probe.version,
    );
    return {
      subject,
      state: 'note',
      found,
      remedy: t('unshare would keep it out: it is missing (util-linux), or this system refuses it.'),
    };
  }
  return { subject, state: 'good', found: `bubblewrap ${probe.version}` };
}
