import type { AttemptResult } from '../../delegation/result/result-schema.ts';
import { sizeText } from '../../delegation/result/size-text.ts';
import type { Translate } from '../../messages/translate.ts';

type ChangedFile = NonNullable<AttemptResult['change']>['files'][number];

/** How many lines of a file changed; of one without any, what happened to it. */
export function fileSizeText({ status, added, removed }: Pick<ChangedFile, 'status' | 'added' | 'removed'>, t: Translate): string {
  if (added === null) return t('binary');
  if (added > 0 || removed) return sizeText({ added, removed: removed ?? 0 });
  switch (status) {
    case 'A':
    case 'D':
      return t('empty');
    case 'M':
      return t('only its mode');
    case 'R':
      return t('only its name');
    default:
      return sizeText({ added, removed: 0 });
  }
}
