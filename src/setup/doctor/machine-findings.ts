import { OLDEST_NODE, runsOn } from '../../common/node-version.ts';
import { messageText } from '../../messages/translate.ts';
import { gitVersion } from '../../workspace/git-version.ts';
import { GitUnusable } from '../../workspace/run-git.ts';
import type { SetupContext } from '../setup-context.ts';
import type { Finding } from './setup-report.ts';

/** A window brings a Node of its own, so there is nothing to say about it. */
export function nodeFindings({ t, door, env, runtime }: SetupContext): Finding[] {
  if (door.kind === 'window') return [];
  const { node } = process.versions;
  if (!runsOn(node)) {
    const remedy = t('Install Node.js {0} or newer from https://nodejs.org.', OLDEST_NODE);
    return [{ subject: 'node', state: 'bad', found: t('{0} is too old', node), remedy }];
  }
  const found = t('{0} at {1}', node, runtime.program);
  if (env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return [{ subject: 'node', state: 'good', found }];
  return [
    { subject: 'node', state: 'good', found },
    {
      subject: 'network',
      state: 'note',
      found: t('NODE_TLS_REJECT_UNAUTHORIZED=0: anybody on the way can read your key and your code'),
      remedy: t('Unset it, and name the certificate of your company in NODE_EXTRA_CA_CERTS.'),
    },
  ];
}

export async function gitFindings({ t }: SetupContext): Promise<Finding[]> {
  try {
    return [{ subject: 'git', state: 'good', found: await gitVersion() }];
  } catch (error) {
    if (!(error instanceof GitUnusable)) throw error;
    return [{ subject: 'git', state: 'bad', found: t('cannot be used'), remedy: messageText(error.reason, t) }];
  }
}
