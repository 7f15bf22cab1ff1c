import { readFileSync } from 'node:fs';
import { hasProxy, proxyFetch } from '../../agent/model/proxy-fetch.ts';
import { errorCode } from '../../common/caught-error.ts';
import { messageText } from '../../messages/translate.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];

/** What stands between this machine and Kimi: a proxy, and certificates of a company. */
export async function networkFindings(context: SetupContext): Promise<Finding[]> {
  return [...windowProxyFindings(context), ...(await proxyFindings(context)), ...certificateFindings(context)];
}

function windowProxyFindings({ t, proxy, env }: SetupContext): Finding[] {
  if (!proxy || hasProxy(env)) return [];
  return [
    {
      subject: 'network',
      state: 'note',
      found: t('VS Code has a proxy (http.proxy); servers that Claude Code starts know nothing of it'),
      remedy: t('Set the variable HTTPS_PROXY in the environment that Claude Code starts in.'),
    },
  ];
}

async function proxyFindings({ t, env }: SetupContext): Promise<Finding[]> {
  const name = PROXY_VARIABLES.find((each) => env[each]?.trim());
  if (!name) return [];
  const proxy = await proxyFetch(env);
  if (proxy.ok) return [{ subject: 'network', state: 'good', found: t('a proxy is used ({0})', name) }];
  return [{ subject: 'network', state: 'bad', found: messageText(proxy.reason, t) }];
}

function certificateFindings({ t, env }: SetupContext): Finding[] {
  const file = env.NODE_EXTRA_CA_CERTS;
  if (!file) return [];
  try {
    if (readFileSync(file, 'utf8').includes('-----BEGIN CERTIFICATE-----'))
      return [{ subject: 'network', state: 'good', found: t('more certificates from {0}', file) }];
    const found = t('{0} (NODE_EXTRA_CA_CERTS) holds no certificate', file);
    return [
      { subject: 'network', state: 'bad', found, remedy: t('Name a file in PEM form: it holds the line -----BEGIN CERTIFICATE-----.') },
    ];
  } catch (error) {
    const found = t('{0} (NODE_EXTRA_CA_CERTS) cannot be read: {1}', file, errorCode(error) ?? '');
    return [{ subject: 'network', state: 'bad', found, remedy: t('Name a file that you can read, or unset the variable.') }];
  }
}
