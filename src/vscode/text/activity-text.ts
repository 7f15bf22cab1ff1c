import type { Doing } from '../../delegation/journal/activity.ts';
import { oneLine } from '../../mcp/escape-untrusted.ts';
import { messageText, type Translate } from '../../messages/translate.ts';

/** People know the command and the file, and need not learn how the tool is called. */
export function activityText(doing: Doing, t: Translate): string {
  switch (doing.kind) {
    case 'preparing':
      return t('preparing');
    case 'thinking':
      return t('thinking');
    case 'importing':
      return t('handing back');
    case 'tool':
      return oneLine(doing.title || doing.tool, 60);
    case 'waiting':
      return oneLine(t('waiting {0} s: {1}', doing.seconds, messageText(doing.why, t)), 60);
    case 'check':
      return oneLine(doing.on === 'base' ? t('check on base: {0}', doing.command) : t('check on result: {0}', doing.command), 60);
  }
}
