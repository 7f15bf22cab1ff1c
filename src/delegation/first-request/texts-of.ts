import type { NeverSend } from '../../agent/never-send/never-send.ts';
import type { NamedFile } from '../../agent/prompt/first-message.ts';
import { decodeText, encodingNote } from '../../common/text-codec.ts';
import type { Document } from '../../workspace/remember-documents.ts';

export type Text = Pick<NamedFile, 'content' | 'note'>;

/**
 * Those that are text (a program or a picture has a zero byte near its beginning) and may be sent, each made when it is asked for. Masked as
 * a whole: of a part that is shown nobody could tell whether it is a part of a key.
 */
export function textsOf(documents: ReadonlyMap<string, Document>, neverSend: NeverSend): Pick<ReadonlyMap<string, Text>, 'get'> {
  const texts = new Map<string, Text | undefined>();
  const read = (path: string): Text | undefined => {
    const bytes = documents.get(path)?.bytes;
    const decoded = bytes && !neverSend.withheld(path, bytes) ? decodeText(bytes) : null;
    return decoded ? { content: neverSend.mask(decoded.text), note: encodingNote(decoded) ?? undefined } : undefined;
  };
  return {
    get(path) {
      if (!texts.has(path)) texts.set(path, read(path));
      return texts.get(path);
    },
  };
}
