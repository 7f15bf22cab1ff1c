/** In which encodings the repository says that files of a working tree are: by `.gitattributes`, as git reads them, or by `.editorconfig`. */
import { join } from 'node:path';
import { editorConfigCharset } from '../common/editor-config.ts';
import { readPlainFile, readRules } from '../common/read-plain-file.ts';
import { type Encoding, encodingNamed } from '../common/text-codec.ts';
import { decodeName, type GitCall, git, splitNul } from './run-git.ts';
import { nulList } from './stage-changes.ts';

const MOST_RULES = 64 * 1024;

/** @param names latin1 names of the files that may be asked for */
export async function declaredEncodings(
  names: readonly string[],
  call: GitCall & { readonly workTree: string },
): Promise<(name: string) => Encoding | null> {
  const byAttribute = await attributesOf(names, call);
  const rules = new Map<string, string | null>();
  const read = (file: string) => {
    if (!rules.has(file)) rules.set(file, readPlainFile(join(call.workTree, file), MOST_RULES, 'refused')?.toString('utf8') ?? null);
    return rules.get(file) ?? null;
  };
  return (name) => {
    const charset = byAttribute.get(name) ?? editorConfigCharset(decodeName(name), read);
    return charset === null ? null : (encodingNamed(charset)?.encoding ?? null);
  };
}

/** Most repositories have none, and nothing to ask git for. */
async function attributesOf(names: readonly string[], call: GitCall & { readonly workTree: string }): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (names.length === 0 || !readRules(join(call.workTree, '.gitattributes')).includes('working-tree-encoding')) return found;
  const fields = splitNul(await git(['check-attr', '-z', '--stdin', 'working-tree-encoding'], { ...call, stdin: nulList(names) }));
  for (let at = 0; at + 2 < fields.length; at += 3)
    if (!/^(unspecified|unset|set|)$/.test(fields[at + 2]!)) found.set(fields[at]!, fields[at + 2]!);
  return found;
}
