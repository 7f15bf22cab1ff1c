import type { Message } from '../../messages/message.ts';
import { messageText, type Translate } from '../../messages/translate.ts';

/**
 * Why an attempt ended, as somebody reads it who looks at a window: the server's own words name its tools to Claude, and what stands below
 * them in its report.
 */
export function endReasonText(reason: Message, t: Translate): string {
  switch (reason.code) {
    case 'end.cancelled':
    case 'end.callCancelled':
    case 'end.cancelDelegation':
      return t('Cancelled. The work so far is kept.');
    case 'end.clientGone':
      return t('The program that had started it was closed or reloaded. The work so far is kept.');
    case 'end.warnings.one':
      return t('1 blocking warning');
    case 'end.warnings.many':
      return t('{0} blocking warnings', Number(reason.args.count));
    default:
      return messageText(reason, t);
  }
}
