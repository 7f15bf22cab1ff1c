/** The text of a file of the workspace, by its bytes and by what the repository says of its encoding. */
import { type EditorConfig, editorConfig } from '../../../common/editor-config.ts';
import { type Declared, type DecodedText, decodeText, encodingNamed, isAscii } from '../../../common/text-codec.ts';
import type { ToolContext } from '../../types.ts';
import { openForReading } from './open-safely.ts';
import { type ResolvedPath, resolvePath } from './resolve-path.ts';

const MOST_RULES = 64 * 1024;

/**
 * `null` when the bytes are not text.
 * @param adding text that is to be put in: where it is more than ASCII, it decides the encoding of a file that was plain ASCII
 */
export async function decodeFile(target: ResolvedPath, bytes: Buffer, context: ToolContext, adding = ''): Promise<DecodedText | null> {
  const first = decodeText(bytes);
  const isPlain = first?.bom || (first?.encoding === 'utf-8' && (isAscii(adding) || !isAscii(first.text)));
  return isPlain ? first : decodeText(bytes, (await declaredEncoding(target, context))?.encoding ?? null);
}

/** What `.gitattributes` says of a file, by which git reads it, or `.editorconfig`. */
export async function declaredEncoding(target: ResolvedPath, context: ToolContext): Promise<Declared | null> {
  if (target.area !== 'workspace') return null;
  const { encoding } = await context.workspace.rulesFor(target.relative, context.signal);
  // git turns a file into UTF-8 by it, also where we do not know it: what else is put in would be stored as other characters.
  if (encoding) return encodingNamed(encoding) ?? { encoding: 'bytes', bom: false };
  const charset = editorConfigOf(target, context).get('charset');
  return charset === undefined ? null : encodingNamed(charset);
}

/** What `.editorconfig` says of a file of the workspace. */
export function editorConfigOf({ relative }: ResolvedPath, context: ToolContext): EditorConfig {
  return editorConfig(relative, (rules) => readRules(rules, context));
}

function readRules(relative: string, context: ToolContext): string | null {
  const target = resolvePath({ ...context.workspace, folder: '' }, relative);
  if (!target.ok || !target.exists) return null;
  const file = openForReading(target);
  if (!file.ok) return null;
  try {
    const bytes = Buffer.allocUnsafe(Math.min(file.size, MOST_RULES));
    return bytes.subarray(0, file.read(bytes, 0)).toString('utf8');
  } finally {
    file.close();
  }
}
