/** Limits that a check holds the code to (coverage, size, warnings), in the files that say them. */
import { basename } from 'node:path';
import { message } from '../../messages/message.ts';
import { type ChangedText, type Line, quote } from './changed-text.ts';
import { blocking, type Finding, type Rule } from './rule.ts';

const CONFIG =
  /^(package\.json|(jest|vitest|vite|karma)\.(config|conf)\.\w+|jest\.preset\.\w+|\.nycrc.*|nyc\.config\.\w+|\.c8rc.*|\.taprc|pyproject\.toml|setup\.cfg|tox\.ini|pytest\.ini|\.coveragerc|\.?codecov\.ya?ml|\.size-limit\.\w+|size-limit\.\w+|\.?bundlewatch.*|\.bundlesizerc|\.simplecov|Makefile|justfile|tarpaulin\.toml|sonar-project\.properties|build\.gradle(\.kts)?|pom\.xml)$/;
/** Keys of which less is looser, and those of which more is. */
const AT_LEAST =
  /\b(?:branches|functions|lines|statements|threshold\w*|fail[_-]under|cov-fail-under|min(?:imum)?_?coverage|minimum_coverage|target(?=\D{0,4}\d+(?:\.\d+)?\s*%)|minimum|perFile)\b/i;
const AT_MOST = /\b(?:limit|max-?size|max-warnings|maxWarnings|budget)\b/i;
const NUMBER = /\d+(?:\.\d+)?/;

export const limitsLowered: Rule = (files) =>
  files.flatMap((file) => {
    if (!CONFIG.test(basename(file.path)) || file.before === null || file.after === null) return [];
    const added = new Map<string, Line>();
    for (const line of file.added) {
      const shape = shapeOf(line.text);
      if (!added.has(shape)) added.set(shape, line);
    }
    return file.removed.flatMap((line) => lowered(file, line, added));
  });

function lowered(file: ChangedText, line: Line, added: ReadonlyMap<string, Line>): Finding[] {
  const isLeast = AT_LEAST.test(line.text);
  if (!isLeast && !AT_MOST.test(line.text)) return [];
  const had = numberIn(line.text);
  if (had === null) return [];
  const instead = added.get(shapeOf(line.text));
  const now = instead ? numberIn(instead.text) : null;
  if (!instead || now === null || (isLeast ? now >= had : now <= had * 1.05)) return [];
  const args = { before: quote(line.text, 50), after: quote(instead.text, 50) };
  return [blocking(message('integrity.limitLowered', args), file.path, instead.line)];
}

/** The first number behind the key, in bytes where it is a size. */
function numberIn(text: string): number | null {
  const key = AT_LEAST.exec(text) ?? AT_MOST.exec(text);
  const rest = text.slice((key?.index ?? 0) + (key?.[0].length ?? 0));
  const found = NUMBER.exec(rest)?.[0];
  if (found === undefined) return null;
  const unit = /^\s*([kmg])i?b/i.exec(rest.slice(rest.indexOf(found) + found.length))?.[1]?.toLowerCase() ?? '';
  return Number(found) * 1024 ** ' kmg'.indexOf(unit || ' ');
}

/** The line without its numbers, their units and what closes it. */
const shapeOf = (text: string): string =>
  text
    .replace(/\d+(?:\.\d+)?\s*(?:[kmg]?i?b)?/gi, '#')
    .replace(/[,;\s]+$/, '')
    .trim();
