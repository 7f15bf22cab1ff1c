/** What a task says in the words of the code: names, options, messages of the program. By them one finds the place that it is about. */

export interface Term {
  readonly text: string;
  /** From 1 to 4: how surely it stands in the code, and is meant. */
  readonly weight: number;
}

const MOST = 16;
const OFTEN = 3;
/** A longer text is one that was pasted; its beginning tells what it is about. */
const MOST_TEXT = 64 * 1024;
/** Nobody writes longer messages without a value in them. */
const MOST_MESSAGE = 60;

/** Words of the languages, and of every repository: they lead nowhere. */
const EVERYWHERE = new Set(
  `abstract assert async await boolean break case catch class console const continue default delete describe else enum error exit expect export extends
  false final finally float from function implements import include instanceof interface length let list main map module new null number object package
  param private process program promise protected public raise readonly require return self set static string struct super switch test tests this throw
  throws true try type typeof undefined value values var void while with yield npm npx node yarn pnpm python pytest cargo install http https json
  readme index TypeError ValueError Error Exception JavaScript TypeScript GitHub`
    .split(/\s+/)
    .map((word) => word.toLowerCase()),
);

/** @returns at most 16, those that tell most first */
export function termsOf(task: string): Term[] {
  const text = task.slice(0, MOST_TEXT);
  const repeated = repeatedIn(text);
  const weights = new Map<string, number>();
  const note = (term: string, weight: number) => weights.set(term, Math.max(weight, weights.get(term) ?? 0));
  for (const message of messagesIn(text)) note(message, 4);
  for (const [option] of text.matchAll(/(?<![\w-])--[a-z][\w-]{2,40}/gi)) note(option, 3);
  const prose = text.replace(/^```[\s\S]*?^```/gm, (block) => {
    for (const name of namesIn(block)) if (isCompound(name)) note(name, USED);
    return '';
  });
  for (const [, code] of prose.matchAll(/`([^`\n]{2,200})`/g)) noteCode(code!, note);
  for (const [, name] of prose.matchAll(/(?<![\w$.)])([A-Za-z_$][\w$]{2,60})\(\)/g)) if (isTelling(name!)) note(name!, MEANT);
  // `ProgressBar.render_finish`, but not `Node.js` or a file.
  for (const [, left, right, call] of prose.matchAll(/(?<![\w$./])([A-Za-z_$][\w$]{2,60})\.([A-Za-z_$][\w$]{4,60})(?![\w$./])(\([^)]?)?/g))
    for (const name of [left!, right!]) if (isTelling(name)) note(name, call?.length === 2 ? USED : 2);
  for (const [, name, call] of prose.matchAll(/(?<![\w$/.-])([A-Za-z_$][\w$]{3,60})(?![\w$/-]|\.\w)(\([^)])?/g))
    if (isCompound(name!) || (call !== undefined && isTelling(name!) && repeated.has(name!))) note(name!, call === undefined ? 2 : USED);
  return [...weights]
    .map(([term, weight]) => ({ text: term, weight: repeated.has(term) ? Math.max(weight, MEANT) : weight }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST);
}

/** What a task says again and again is what it is about. */
function repeatedIn(text: string): Set<string> {
  const times = new Map<string, number>();
  for (const [name] of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)) times.set(name, (times.get(name) ?? 0) + 1);
  return new Set([...times].flatMap(([name, count]) => (count >= OFTEN ? [name] : [])));
}

/** A name by itself is what is meant; in a piece of code it may only be how the matter is met. */
const MEANT = 3;
const USED = 1;

function noteCode(code: string, note: (term: string, weight: number) => void): void {
  if (isPath(code)) return;
  const names = namesIn(code);
  const isAlone = /^[\p{L}\p{N}_$#.:]+(\(\))?$/u.test(code);
  for (const name of names) note(name, isAlone ? MEANT : USED);
}

/** Words in a row between quotes, or behind `TypeError:`; what differs from run to run (numbers, names in quotes) parts them. */
function* messagesIn(text: string): Iterable<string> {
  const quoted = [
    ...text.matchAll(/(?<![\p{L}\p{N}\])}])"([^"\n]{8,160})"(?![\p{L}\p{N}])/gu),
    ...text.matchAll(/(?<![\p{L}\p{N}])'([^'\n]{8,160})'(?![\p{L}\p{N}])/gu),
    ...text.matchAll(/[“「『]([^”」』\n]{4,160})[”」』]/g),
    ...text.matchAll(/(?:\b\w{0,80}(?:Error|Exception)|error|panic|fatal): ([^\n]{8,160})/g),
  ];
  for (const [, message] of quoted) {
    for (const piece of message!.split(/\d+|["'`<>{}[\]()%$]+|\w*[Ee]rror: /)) {
      const words = piece.replace(/^[\s:,.;!-]+|[\s:,.;!-]+$/g, '');
      if (
        words.length <= MOST_MESSAGE &&
        !/[?!]|\. /.test(words) &&
        (words.length >= 8 ? /\S\s+\S/.test(words) : /[^\u0000-\u02ff]{4}/.test(words))
      )
        yield words;
    }
  }
}

function namesIn(code: string): string[] {
  return (code.match(/[\p{L}_$][\p{L}\p{N}_$]{1,60}/gu) ?? []).filter(isTelling);
}

function isTelling(name: string): boolean {
  return (name.length >= 3 || /[^\u0000-\u02ff]/.test(name)) && !EVERYWHERE.has(name.toLowerCase());
}

/** Nobody writes prose so: `parseOptions`, `ProgressBar`, `update_min_steps`. */
function isCompound(name: string): boolean {
  return isTelling(name) && (/[a-z\d][A-Z]/.test(name) || /[A-Za-z\d]_[A-Za-z\d]/.test(name));
}

function isPath(code: string): boolean {
  return /^[^\s(]*\/[^\s(]*$|^[\w.-]+\.[a-z]{1,4}$/i.test(code);
}
