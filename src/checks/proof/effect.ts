/**
 * Whether a changed file can make any program do something else: comments, blank lines, the layout of code and texts for people do not. Whatever
 * may be read by a tool counts, and so does what is not known.
 */
import { basename } from 'node:path';
import { wholeWithoutComments } from '../integrity/changed-text.ts';
import { isProjectText } from '../project-texts.ts';
import { isTestPath } from '../test-files.ts';
import { type CodeLanguage, languageOf, maskCode } from './mask-code.ts';
import { DIRECTIVE, LONG_TEXT } from './same-code.ts';

/**
 * @param before null = it is not there; the same for after
 * @returns false where it is certain that nothing does anything else
 */
export function hasEffect(path: string, before: string | null, after: string | null): boolean {
  if (isForPeople(path)) return false;
  // The same text with other rights, and what names a package by being there.
  if (after === null || before === after || isMarker(path, before)) return true;
  const [old, now] = [essence(path, before ?? ''), essence(path, after)];
  return old === null || now === null || old !== now;
}

/** A page of a site, or what a program reads, is its work. */
const isForPeople = (path: string): boolean =>
  !isTestPath(path) && !READ_BY_TOOLS.test(path) && (isProjectText(path) || (TEXT.test(path) && (isAtRoot(path) || FOLDER.test(path))));

const TEXT = /\.(md|mdx|markdown|rst|adoc|txt)$/i;
const FOLDER = /(^|\/)(docs?|documentation|rfcs?|adrs?)\//i;
/** At the root plain text is as often a list that a tool reads, whatever it is called. */
const isAtRoot = (path: string): boolean => !path.includes('/') && !/\.txt$/i.test(path);
const READ_BY_TOOLS = /(^|\/)((dev-|test-|docs?-)?(requirements|constraints)[^/]*|CMakeLists|robots|llms[\w-]*)\.txt$/i;
const MARKERS: ReadonlySet<string> = new Set(['__init__.py', 'py.typed', '.nojekyll']);
const isMarker = (path: string, before: string | null): boolean => before === null && MARKERS.has(basename(path));

/** What documents code and is run, or read by a program: examples, help texts, annotations, calls of C. */
const READ: Readonly<Record<CodeLanguage, RegExp>> = {
  js: /@(?:jest|vitest|jsx|ts-|flow|format|babel|swc|openapi|swagger)|[@#]__\w+__|^\s*\/\/\/\s*</,
  py: />>>|__doc__|getdoc|\bCmd2?\b|@(?:\w+\.)*(?:tool|command|task|group|callback|route|get|post|put|patch|delete)\b|\b(?:docopt|click|typer|fire|invoke|cleo|fastapi|flask|django|pydantic|strawberry|graphene|fastmcp|discord)\b/,
  go: /^[ \t]*import "C"|\/\/export |\/\/ *Output:|\bswaggo?\b|\/\/ @\w/m,
  rs: /```|\b(?:clap|structopt|argh|schemars|utoipa)\b/,
  php: /\* *@\w/,
  rb: /^# *@|\byard\b/m,
};

/** All that a program reads of it; null = that is not known. */
function essence(path: string, text: string): string | null {
  const language = languageOf(path);
  if (!language || /\.[jt]sx$/.test(path)) return ofLines(path, text);
  if (language === 'php' && text.includes('?>')) return null;
  const isRead = language !== 'js' && READ[language].test(text);
  if (isRead && language !== 'py') return text;
  const bare = maskCode(text, language, 'comments').split('\n');
  const said = text.split('\n').flatMap((line, at) => {
    const rest = line.slice((bare[at] ?? '').trimEnd().length);
    return DIRECTIVE.test(rest) || (language === 'js' && READ.js.test(rest)) ? [rest.trim()] : [];
  });
  const code = language === 'py' && !isRead ? withoutDocs(bare.join('\n')) : bare.join('\n');
  return [layout(code, language), ...(code.match(LONG_TEXTS) ?? []), ...said].join('\n');
}

const LONG_TEXTS = /`[^`]*`|"""[^"]*"""|'''[^']*'''/g;

/** First in a file, a class or a function. */
const DOCS =
  /(^|:[ \t]*\n)((?:[ \t]*\n)*)[ \t]*[rRuU]?("""(?:(?!""")[\s\S])*"""|'''(?:(?!''')[\s\S])*'''|"[^"\n]*"|'[^'\n]*')[ \t]*(?=\n|$)/g;
const withoutDocs = (code: string): string => code.replace(DOCS, '$1');

/** Without blank lines, and without what indents where that means nothing; a line with a text in quotes stays as it is. */
function layout(code: string, language: CodeLanguage): string {
  const masked = maskCode(code, language).split('\n');
  const isIndented = language === 'py' || language === 'rb';
  const lines = code.split('\n').map((line, at) => {
    if (line.trim() === '') return '';
    if (masked[at] !== line) return line;
    return isIndented ? line.trimEnd() : line.trim().replace(/[ \t]+/g, ' ');
  });
  return lines.filter((line) => line !== '').join('\n');
}

const LINES = /\.(?:[jt]sx|java|kts?|scala|groovy|cs|swift|dart|c|cc|cpp|cxx|h|hh|hpp|exs?|jl|lua)$/i;

const HASHES =
  /(^|\/)(Makefile|GNUmakefile|Dockerfile|Containerfile|Rakefile|Gemfile|CMakeLists\.txt|[\w-]*(?:requirements|constraints)[\w.-]*\.txt|\.gitignore|\.editorconfig)$|\.(?:mk|ya?ml|toml|ini|cfg|sh|bash|tf)$/;
/** Neither what tools read (`# syntax=`, `# shellcheck disable=`, `# yaml-language-server:`), nor what may stand in a longer text. */
const PLAIN_HASH = /^#(?!!)(?!\s*[\w-]+\s*[=:])(?!.*(?:shellcheck|disable|ignore|noqa|lint|\\$))/i;

/** Found in two steps: one expression for both would begin anew at each sign of a comment. */
function isAnnotated(line: string): boolean {
  const comment = line.search(/\/[/*]/);
  return comment >= 0 && /@\w/.test(line.slice(comment));
}

/** Texts of several lines in C# and Lua, and what looks like a comment and tells a compiler something. */
const OTHER_TEXT =
  /@"|\[=*\[|^[ \t]*#[ \t]*(?:nullable|pragma|define|undef|if|elif|else|endif|error|warning|line|reference|r|include|import)\b/m;

/** Of languages that are hardly known only whole lines are told. */
function ofLines(path: string, text: string): string | null {
  if (HASHES.test(path) && !LONG_TEXT.test(text))
    return text
      .split('\n')
      .filter((line) => line.trim() !== '' && !PLAIN_HASH.test(line))
      .join('\n');
  if (
    !LINES.test(path) ||
    LONG_TEXT.test(text) ||
    OTHER_TEXT.test(text) ||
    text.split('\n').some((line) => DIRECTIVE.test(line) || isAnnotated(line))
  )
    return text;
  return wholeWithoutComments(path, text)
    .filter((line) => line.trim() !== '')
    .map((line) => line.trimEnd())
    .join('\n');
}
