import { errorText } from '../../common/caught-error.ts';
import { message } from '../../messages/message.ts';
import type { JournalEvent } from '../journal/journal.ts';

/**
 * Does every act, whatever comes of the others, and never throws. Cleaning up is no part of the work: what fails is noted in the
 * journal, and the next attempt begins with removing it.
 */
export async function cleanUp(emit: (event: JournalEvent) => void, acts: readonly (() => void | Promise<void>)[]): Promise<void> {
  for (const act of acts) {
    try {
      await act();
    } catch (error) {
      note(emit, errorText(error));
    }
  }
}

function note(emit: (event: JournalEvent) => void, problem: string): void {
  try {
    emit({ type: 'notice', step: 0, text: message('log.cleaningUp', { said: problem }) });
  } catch {} // the disk is full: the result will tell
}
