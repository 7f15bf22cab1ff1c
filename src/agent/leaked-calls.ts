/** Tells calls that a model wrote into its text, or into its thinking, from what it says: a server that knows its markup makes calls of it. */

/** Nobody writes these by chance. Each repeats at most one kind of character, since the text is the model's. */
const MARKUP = [
  // Kimi K2, and what is left of it where the special tokens were taken out
  /<\|tool_calls?_(?:section_)?(?:begin|end|argument_begin)\|>/,
  /\bfunctions\.[a-z_]+:\d+\s*(?:<\||\{)/,
  // Kimi K3, the same
  /<\|(?:open|close)\|>(?:tools|call|argument)/,
  /call tool="[\w.-]+" index="?\d/,
  // Qwen and Hermes, GLM, DeepSeek, Mistral
  /<tool_call>\s*(?:[{[]|<function=|[a-z_]+\s*<arg_key>)/,
  /<｜tool[▁_]calls?[▁_]begin｜>/,
  /\[TOOL_CALLS\]/,
];

const LONGEST_START = 400;
const MOST_STARTS = 50;

/** @param tools names of the tools that there are: without one of them, tags and JSON are only what the text is about */
export function hasLeakedCall(text: string, tools: Iterable<string> = []): boolean {
  if (MARKUP.some((pattern) => pattern.test(text))) return true;
  const names = [...tools].join('|');
  if (names === '') return false;
  const name = `(?:functions\\.)?(?:${names})`;
  if (markupOf(name).some((pattern) => pattern.test(text))) return true;
  return jsonIn(text).some((json) => isJsonCall(json, name));
}

/** What a text about code may hold, were it not for the name of a tool. */
function markupOf(name: string): RegExp[] {
  return [
    `<[\\w:|｜]{0,24}invoke name=["']${name}["']`, // in any namespace
    `<function(?:=${name}[>{]| name="${name}")`,
    `<tool_(?:use|call)(?:[ \\w]{0,12} name="${name}"|>\\s{0,8}${name}\\s{0,8}<)`,
    `<${name}>\\s*[<{]`,
    `\\bto=${name}\\b[^\\n{]{0,60}\\{`, // gpt-oss
    `^>>>${name}\\n\\s{0,8}\\{`,
    `^Action: ?${name}\\s{1,8}Action Input:`,
    `^\\[${name}\\(\\w+ ?=.*\\)\\]\\s*$`, // a list of calls as in Python
    `^\`\`\`tool_code\\s[^\`]{0,80}\\b${name}\\(`,
  ].map((source) => new RegExp(source, 'm'));
}

/** What begins at a line's beginning, in a code fence, a list, tags or not: how it begins. */
function jsonIn(text: string): string[] {
  const starts = [...text.matchAll(/^[ \t]{0,8}(?:(?:[-*]|\d{1,3}[.)]) )?(?:<[^<>\n]{1,40}>\s{0,4}){0,2}[[{]/gm)].slice(0, MOST_STARTS);
  return starts.map(({ index }) => text.slice(index, index + LONGEST_START).trimStart());
}

function isJsonCall(start: string, name: string): boolean {
  const names = new RegExp(`"(?:name|tool|tool_name|function)"\\s*:\\s*"${name}(?::\\d+)?"`).test(start);
  return names && /"(?:arguments|parameters|args|input)"\s*:/.test(start);
}
