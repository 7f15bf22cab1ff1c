import { basename, dirname } from 'node:path';
import type { Asked } from './rule.ts';

/** A sentence that names a file in order to have it left alone, or put back. */
const FORBIDS =
  /\b(?:not|never|without|except|avoid|revert|undo|restore|remove (?:your|these|those|this|all|any)\b|leave|keep|untouched)\b|n't\b|不要|不得|不能|别|恢复|撤销|保留/i;
/** "Remove legacy.js, which is not used any more" forbids nothing. */
const IDLE = /\b(?:is|are|was|were)(?:n't| not|n’t) (?:used|needed|called|required|supported|reached|referenced)\b/gi;
const SENTENCE_END = /[.;!?](?=\s)|[\n。；！？]/;
/** Too much for one name: whoever mentions it means something in it. */
const TOO_WIDE = new Set(['.', '.github', '.vscode']);

/**
 * @param tasks what the caller wrote, for this attempt and for those that it corrects
 * @param scope the globs of the caller; one that takes in everything names nothing
 */
export function askedBy(tasks: readonly string[], scope: readonly string[]): Asked {
  const sentences = tasks.flatMap((task) => task.split(SENTENCE_END)).filter((sentence) => !FORBIDS.test(sentence.replace(IDLE, '')));
  const named = new Set(
    sentences
      .flatMap((sentence) => sentence.match(/[^\s"'`()<>,;:，。；：、（）“”]+/g) ?? [])
      .map((word) => word.replace(/^\.\/|[/.]+$/g, '')),
  );
  const inScope = new Set(scope.flatMap((glob) => glob.split('/').filter((part) => part !== '' && !/[*?[{]/.test(part))));
  return {
    task: sentences.join('\n'),
    isNamed: (path) => {
      const names = [path, basename(path), ...foldersOf(path)].filter((name) => !TOO_WIDE.has(name));
      if (names.some((name) => named.has(name))) return true;
      return path.split('/').some((part, at, all) => inScope.has(part) && (part.startsWith('.') || at === all.length - 1));
    },
  };
}

function foldersOf(path: string): string[] {
  const folder = dirname(path);
  return folder === '.' ? [] : [folder, ...foldersOf(folder)];
}
