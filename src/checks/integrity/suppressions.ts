/** Comments and casts that silence a checker. One or two are often right; many, or one for a whole file, are a way around it. */
import { extname } from 'node:path';
import { message } from '../../messages/message.ts';
import type { ChangedText, Line } from './changed-text.ts';
import { quote } from './changed-text.ts';
import { isGenerated } from './file-kinds.ts';
import { blocking, type Finding, note, type Rule } from './rule.ts';

/** For a whole file, or all rules of one. */
const WHOLE_FILE =
  /@ts-nocheck\b|\/\*\s*eslint-disable\s*(?:\*\/|$)|\bbiome-ignore-all\b|\bdeno-lint-ignore-file\b|#\s*(?:mypy:\s*ignore-errors|flake8:\s*noqa|ruff:\s*noqa|pyright:\s*basic|pylint:\s*(?:skip-file|disable=all))|^\s*#!\[allow\((?:warnings|clippy::all|unused)|\/\*\s*(?:istanbul|c8|v8)\s+ignore\s+file\b|@file:Suppress\b|^\s*#\s*rubocop:disable\s+all\b|\/\/\s*phpcs:ignoreFile|@phpstan-ignore-file/;
const ONE =
  /@ts-(?:ignore|expect-error)\b|\beslint-disable\b|\bbiome-ignore\b|\bdeno-lint-ignore\b|\btslint:disable|\bprettier-ignore\b|#\s*noqa\b|#\s*type:\s*ignore|#\s*pyright:\s*ignore|#\s*pylint:\s*disable|#\s*nosec\b|#\s*pragma:\s*no cover|\/\/\s*nolint\b|#!?\[allow\(|@SuppressWarnings\b|@Suppress\(|\b(?:istanbul|c8|v8)\s+ignore\s+(?!stop)|\bNOSONAR\b|\brubocop:disable\b|\bphpcs:ignore\b|@phpstan-ignore|@psalm-suppress|#pragma warning disable|\bswiftlint:disable\b|\/\/\s*NOLINT\b|@codeCoverageIgnore/;
const CAST = /\bas\s+(?:any|unknown\s+as|never)\b|<any>\s*\w/;
const WITH_CASTS = new Set(['.ts', '.tsx', '.mts', '.cts', '.vue', '.svelte']);
const NOT_CODE = /\.(md|mdx|txt|rst|adoc|json|ya?ml|lock|snap|html|csv)$/;

/** So many new ones in a change are more than an exception. */
const MANY = 8;
const MANY_CASTS = 12;

export const suppressions: Rule = (files) => {
  const code = files.filter((file) => !NOT_CODE.test(file.path) && !isGenerated(file));
  const whole = fresh(code, WHOLE_FILE, () => false).map(({ file, line }) =>
    blocking(message('integrity.suppressedFile', { line: quote(line.text, 60) }), file.path, line.line),
  );
  // A test may well show that a compiler refuses something.
  const single = fresh(code, ONE, (file, text) => WHOLE_FILE.test(text) || (file.isTest && /@ts-expect-error\b/.test(text)));
  const typed = code.filter((file) => !file.isTest && WITH_CASTS.has(extname(file.path)));
  const casts = fresh(typed, CAST, () => false);
  return [...whole, ...counted('integrity.suppressed', single, MANY), ...counted('integrity.casts', casts, MANY_CASTS)];
};

interface Found {
  readonly file: ChangedText;
  readonly line: Line;
}

/** Lines that came, less those like them that went, from another file too. */
function fresh(files: readonly ChangedText[], pattern: RegExp, but: (file: ChangedText, text: string) => boolean): Found[] {
  const matching = (file: ChangedText, lines: readonly Line[]) =>
    lines.flatMap((line) => (pattern.test(line.text) && !but(file, line.text) ? [{ file, line }] : []));
  const came = files.flatMap((file) => matching(file, file.added));
  return came.length === 0 ? [] : came.slice(files.flatMap((file) => matching(file, file.removed)).length);
}

function counted(code: 'integrity.suppressed' | 'integrity.casts', found: readonly Found[], many: number): Finding[] {
  const first = found[0];
  if (!first) return [];
  const text = message(code, { count: found.length, line: quote(first.line.text, 60) });
  const say = found.length >= many ? blocking : note;
  return [say(text, first.file.path, first.line.line)];
}
