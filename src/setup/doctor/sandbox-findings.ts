import { hasProxy } from '../../agent/model/proxy-fetch.ts';
import { messageText } from '../../messages/translate.ts';
import { probeSandbox } from '../../sandbox/probe-sandbox.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

export function proxyFindings({ t, proxy, env }: SetupContext): Finding[] {
  if (!proxy || hasProxy(env)) return [];
  return [
    {
      state: 'note',
      what: t('Proxy'),
      found: t('VS Code has one (http.proxy); servers that Claude Code starts know nothing of it'),
      remedy: t('Set the variable HTTPS_PROXY in the environment that Claude Code starts in.'),
    },
  ];
}

export async function sandboxFindings({ t, settings }: SetupContext): Promise<Finding[]> {
  const what = t('Sandbox');
  if (settings.get('sandbox') === 'unsandboxed') {
    const found = t('switched off: commands run with your own rights');
    return [{ state: 'note', what, found, remedy: t('Set claudeKimi.sandbox to required.') }];
  }
  const probe = await probeSandbox();
  if (probe.ok) return [{ state: 'good', what, found: `bubblewrap ${probe.version}` }];
  return [{ state: 'bad', what, found: t('does not work'), remedy: messageText(probe.reason, t) }];
}
