import { type DecodedText, encodingNote, unencodable } from '../../../common/text-codec.ts';
import type { ToolResult } from '../../types.ts';
import { failure } from '../define-tool.ts';

/** Why text cannot be put into a file; `null` when it can. A file in two encodings, or with `?` for what was meant, helps nobody. */
export function refuseUnencodable(shown: string, text: string, decoded: Pick<DecodedText, 'encoding' | 'doubt'>): ToolResult | null {
  const character = unencodable(text, decoded);
  if (character === null) return null;
  const isUnsure = decoded.encoding === 'bytes' || decoded.doubt !== undefined;
  const why = isUnsure ? encodingNote(decoded)?.replace(/^encoding: /, '') : `${decoded.encoding}, which does not have it`;
  return failure(
    `${shown}: ${JSON.stringify(character)} cannot be put in: the file is ${why}. Nothing was written. Write it in ASCII (an escape of the language, such as \\u4e2d), or convert the file with run_command (iconv, python3) if the task wants that.`,
    'cannot be encoded',
  );
}
