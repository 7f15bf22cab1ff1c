import { errorText } from '../common/caught-error.ts';
import { ErrorWithReason } from '../messages/error-with-reason.ts';
import { messageText, type Translate } from '../messages/translate.ts';

/** What a `catch` caught, in the user's language where it is of ours. */
export const failureText = (error: unknown, t: Translate): string =>
  error instanceof ErrorWithReason ? messageText(error.reason, t) : errorText(error);
