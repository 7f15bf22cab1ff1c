import { type Activity, trialText } from '../../delegation/journal/activity.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { messageText, type Translate } from '../../messages/translate.ts';

/** People know the command and the file, and need not learn how the tool is called. */
export function activityText(activity: Activity, t: Translate): string {
  switch (activity.kind) {
    case 'preparing':
      return t('preparing');
    case 'thinking':
      return t('thinking');
    case 'importing':
      return t('handing back');
    case 'tool':
      return oneLine(activity.title || activity.tool, 60);
    case 'waiting':
      return oneLine(t('waiting {0} s: {1}', activity.seconds, messageText(activity.why, t)), 60);
    case 'setup':
      return oneLine(t('set-up: {0}', activity.command), 60);
    case 'check': {
      const trial = trialText(activity);
      if (trial) return oneLine(messageText(trial, t), 60);
      return oneLine(activity.on === 'base' ? t('check on base: {0}', activity.command) : t('check on result: {0}', activity.command), 60);
    }
  }
}
