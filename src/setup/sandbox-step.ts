import { joinSentences, messageText } from '../messages/translate.ts';
import { readHostFacts } from '../sandbox/host-facts.ts';
import { probeSandbox } from '../sandbox/probe-sandbox.ts';
import { canDoWithout } from '../sandbox/sandbox-remedies.ts';
import type { SetupContext, StepEnd } from './setup-context.ts';

/** The command: a sandbox that works is said to. */
export async function trySandbox(context: SetupContext): Promise<void> {
  const { ui, t } = context;
  if ((await sandboxStep(context)) !== 'done') return;
  const off = isOff(context);
  await (off
    ? ui.notify(
        'warning',
        t('The sandbox is switched off: commands run with your own rights. The setting {0} changes it.', context.door.setting('sandbox')),
      )
    : ui.notify('info', t('The sandbox works.')));
}

/** Tries the sandbox; where it does not work, says what to install and waits. */
export async function sandboxStep(context: SetupContext): Promise<StepEnd> {
  const end = await makeSandboxWork(context);
  if (end === 'done') context.works('sandbox');
  return end;
}

async function makeSandboxWork(context: SetupContext): Promise<StepEnd> {
  const { ui, t } = context;
  const chosen = context.answers.sandbox;
  if (chosen) await context.settings.set('sandbox', chosen === 'required' ? undefined : chosen);
  for (;;) {
    if (isOff(context)) return 'done';
    const probe = await ui.busy(t('Trying the sandbox…'), () => probeSandbox());
    if (probe.ok) return 'done';
    const again = t('Try Again');
    const asContainer = t('Use This Container As It Is…');
    const without = t('Run Without a Sandbox…');
    const later = t('Later');
    const facts = readHostFacts();
    const instead = canDoWithout(facts) ? [facts.container ? asContainer : without] : [];
    const commands = probe.commands.join('\n');
    const copy = probe.commands.length > 1 ? t('Copy the Commands') : t('Copy the Command');
    const answer = await ui.confirm({
      kind: 'warning',
      message: t('The sandbox does not work yet.'),
      detail: `${messageText(probe.reason, t)}\n\n${t('Commands that Kimi chooses run in it, so that they reach nothing but their own copy of the repository. Until it works, no work is handed over.')}`,
      actions: [...(commands ? [copy] : []), again, ...instead, later],
      decline: later,
    });
    if (answer === copy && commands) await ui.copy(commands);
    else if (answer === asContainer) await chooseAfterWarning(context, 'container');
    else if (answer === without) await chooseAfterWarning(context, 'unsandboxed');
    else if (answer === later) return 'skipped';
    else if (answer === undefined) return 'stopped';
  }
}

function isOff({ settings }: SetupContext): boolean {
  if (!canDoWithout(readHostFacts())) return false;
  return settings.get('sandbox') === 'unsandboxed' || (settings.get('sandbox') === 'container' && readHostFacts().container !== null);
}

async function chooseAfterWarning({ ui, t, settings, door }: SetupContext, choice: 'container' | 'unsandboxed'): Promise<void> {
  const texts = {
    container: {
      sure: t('Use This Container'),
      question: t('Run commands in this container as it is?'),
      detail: t(
        'Choose this only where the container is disposable. Commands that the model chooses could read and change all that you can there, the key and the repository too, and use the network. Every result will say so.',
      ),
    },
    unsandboxed: {
      sure: t('Run Without a Sandbox'),
      question: t('Run commands without a sandbox?'),
      detail: t(
        'Commands that the model chooses would run with your own rights: they could read your files, use the network and change anything that you can change. Every result will say so.',
      ),
    },
  };
  const { sure, question, detail } = texts[choice];
  // A window keeps it among the settings of its user, whichever machine it is connected to.
  const everywhere = door.kind === 'window' ? [t('It counts on every machine on which this VS Code opens a folder.')] : [];
  const answer = await ui.confirm({
    kind: 'warning',
    message: question,
    detail: joinSentences([detail, ...everywhere], t),
    actions: [sure],
  });
  if (answer === sure) await settings.set('sandbox', choice);
}
