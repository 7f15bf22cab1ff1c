/** What a test can fail by, statement by statement, and how much each demands. */
import { ASSERTION } from '../test-files.ts';

export interface Assertion {
  /** From 1, counted from the first of the given lines. */
  readonly line: number;
  /** In one line, with single blanks. */
  readonly text: string;
}

const MOST_LINES = 12;
const LONGEST = 400;

export function assertionsIn(lines: readonly string[]): Assertion[] {
  const found: Assertion[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!.slice(0, 500);
    if (!ASSERTION.test(line)) continue;
    const end = endOfStatement(lines, at);
    const text = lines
      .slice(at, end + 1)
      .join(' ')
      .slice(0, LONGEST)
      .trim()
      .replace(/\s+/g, ' ');
    found.push({ line: at + 1, text });
    at = end;
  }
  return found;
}

/** The texts of the one side that the other has not, or has less often. */
export function without(some: readonly Assertion[], others: readonly Assertion[]): Assertion[] {
  const left = new Map<string, number>();
  for (const { text } of others) left.set(text, (left.get(text) ?? 0) + 1);
  return some.filter(({ text }) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}

/** The line in which as many brackets are closed as were opened, and the calls that follow it by a dot. */
function endOfStatement(lines: readonly string[], start: number): number {
  let depth = 0;
  const last = Math.min(lines.length, start + MOST_LINES) - 1;
  for (let at = start; at <= last; at++) {
    const plain = withoutTexts(lines[at]!.slice(0, LONGEST));
    for (const sign of plain) depth += '([{'.includes(sign) ? 1 : ')]}'.includes(sign) ? -1 : 0;
    if (depth <= 0 && !/^\s*\./.test(lines[at + 1] ?? '')) return at;
  }
  // What is not closed begins a block (`if (x) throw`, a callback): its line speaks for it.
  return start;
}

const withoutTexts = (line: string): string => line.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`/g, '""');

/** What is true whatever the program does. */
const VACUOUS: readonly RegExp[] = [
  /^assert (?:True|1|not False)\b/,
  /\b(?:assert(?:\.ok|\.isTrue|True|_true)?|refute_nil|assertTrue|XCTAssertTrue|t\.(?:true|truthy|ok|assert)|assert!)\(?\s*(?:true|True|1)\s*[,)]/,
  /\bt\.pass\(|\bassert\.isOk\(true\)|\bexpect\(\s*(?:true|True)\s*\)\.(?:toBe\(true\)|toBeTruthy\(\)|toEqual\(true\)|to\.be\.true|to (?:be_truthy|eq true))/,
  /\bexpect\(\s*([\w.'"]{1,60})\s*\)\.(?:toBe|toEqual|toStrictEqual|to\.(?:be|equal|eql|deep\.equal))\(\s*\1\s*\)/,
  /\b(?:assert(?:\.\w{1,20}|Equals?|_eq!|_equal)|t\.(?:is|equal|same|deepEqual))\(\s*([\w.'"]{1,60}),\s*\1\s*[,)]/,
  /^(?:self\.)?assert(?:Equals?)?\(\s*([\w.'"]{1,60}),\s*\1\s*\)|^assert ([\w.'"]{1,60}) == \2\s*$/,
];

export const isVacuous = ({ text }: Assertion): boolean => VACUOUS.some((pattern) => pattern.test(text));

/** The same on both sides: fine where a test is about just that, and nothing in the place of what it compared before. */
export function comparesWithItself({ text }: Assertion): boolean {
  const [first, second] = argumentsOf(text);
  const to = /\bexpect\(.*\.(?:toBe|toEqual|toStrictEqual|to\.(?:be\.)?(?:equal|eql|deep\.equal))\(/.exec(text);
  if (to) return argumentsFrom(text, to.index + to[0].length)[0] === first && !NEGATED.test(text);
  const python = /^assert (.{1,200}) == (.{1,200})$/.exec(text);
  if (python) return python[1] === python[2];
  return EXACT.test(text) && !NEGATED.test(text) && first !== undefined && first === second;
}

/** `any`: that there is something, or of which type; `part`: a bound, or a part of the value; `exact`: the value. */
type Strength = 'any' | 'part' | 'exact';

const ANY =
  /\.(?:toBeTruthy|toBeDefined|toBeInstanceOf|toBeTypeOf|not\.toBeNull|not\.toBeUndefined|not\.toBeFalsy|toHaveBeenCalled)\(|\.toThrow\(\s*\)|\.to\.(?:exist|be\.ok|be\.an?\b|not\.be\.(?:null|undefined))|\.not\.to\.be\.(?:null|undefined)|\b(?:assert(?:\.ok|\.exists|\.isOk|\.isDefined|\.isNotNull|True|_true|IsNotNone|IsInstance|NotNull|_not_nil|_kind_of|_instance_of|InstanceOf)?|assert!|t\.(?:ok|truthy|assert|true)|(?:assert|require)\.(?:NotNil|NotEmpty|True)|XCTAssert(?:True|NotNil)?|EXPECT_TRUE|ASSERT_TRUE)\s*\(|\b(?:be_truthy|be_present|not_to be_nil|be_an?\b|be_kind_of)|^assert (?!.* (?:==|!=|<|>|<=|>=|in|is(?! not None)) )/;
const PART =
  /\.(?:toContain\w*|toMatch|toMatchObject|toBeGreaterThan\w*|toBeLessThan\w*|toHaveProperty)\(|\.to\.(?:include|contain|match|be\.(?:above|below|at))|\b(?:assert\.(?:match|include\w*|isAbove|isBelow)|assertIn|assertRegex|assertGreater\w*|assertLess\w*|assertContains|t\.(?:regex|like|match)|(?:assert|require)\.(?:Contains|Greater\w*|Less\w*))\(|^assert .* (?:in|<|>|<=|>=) /;
const EXACT =
  /\.(?:toBe|toEqual|toStrictEqual|toHaveLength|toHaveBeenCalledWith|toHaveBeenCalledTimes|toHaveBeenLastCalledWith|toMatchInlineSnapshot|toMatchSnapshot|toBeNull|toBeUndefined)\(|\.toThrow\w*\(\s*[^)\s]|\.to\.(?:be\.)?(?:equal|equals|eql|eq|deep\.equal)\(|\b(?:assert\.\w*(?:[eE]qual|eql)|assert(?:Equals?|_eq!|_equal|ListEqual|DictEqual|Same)|t\.(?:is|equal|same|deepEqual|strictSame)|(?:assert|require)\.(?:Equal\w*|JSONEq|Len)|XCTAssertEqual|EXPECT_EQ|ASSERT_EQ)\s*\(|\bto eq\b|^assert .* (?:==|is (?!not)) /;
/** A value of which only the kind is asked, within what is compared. */
const WILD =
  /\bexpect\.any(?:thing)?\(|\bexpect\.(?:stringMatching|stringContaining|objectContaining|arrayContaining)\(|\b(?:mock\.)?ANY\b|\bmatch\.any\b/;

/** That it is not one value, of all there are. */
const NEGATED =
  /\.not\.(?:toBe|toEqual|toStrictEqual|toHaveLength|toContain|toMatch)\(|\.not\.(?:to\.)?(?:equal|eql|deep\.equal)\(|\b(?:assert\.not\w*Equal|assertNotEquals?|assert_ne!|refute_equal|t\.(?:not|notDeepEqual|notEqual|notSame)|(?:assert|require)\.NotEqual)\(|^assert .* != /;

export function strengthOf({ text }: Assertion): Strength | null {
  if (NEGATED.test(text)) return 'any';
  if (EXACT.test(text)) return WILD.test(text) ? 'part' : 'exact';
  if (PART.test(text)) return 'part';
  if (!ANY.test(text)) return null;
  // What compares within its brackets demands more than its name says.
  if (/[^=!<>]==|===|\.equals\(|\bin\b.*\bfor\b/.test(text)) return 'exact';
  return /\s[<>]=?\s|\.(?:includes|startsWith|endsWith|test)\(/.test(text) ? 'part' : 'any';
}

/** What is asserted of: `expect(x)` -> x, `assert x == 3` -> x and 3, `assert.equal(x, 3)` -> x and 3. */
export function subjectsOf({ text }: Assertion): string[] {
  const python = /^assert (?!\()(.{1,300})$/.exec(text)?.[1];
  if (python !== undefined)
    return python
      .split(/ (?:==|!=|is not|is|not in|in|<=|>=|<|>) /, 2)
      .map((side) => /^isinstance\((.{1,200}),/.exec(side)?.[1] ?? side.trim());
  const asked = argumentsOf(text);
  // `expect([3, 4]).toContain(x)` is about x.
  const contained = /\.toContain\w*\(/.exec(text);
  return contained ? [...asked, ...argumentsFrom(text, contained.index + contained[0].length)] : asked;
}

function argumentsOf(text: string): string[] {
  const open = /\b(?:(?:expect|assert|should|require|self|XCT|EXPECT|ASSERT)[\w.!]*|t\.\w+)\s*\(/.exec(text);
  return open ? argumentsFrom(text, open.index + open[0].length).filter((one) => one !== 't') : [];
}

/** Up to the bracket that closes, apart at commas that stand in no other bracket or text. */
function argumentsFrom(text: string, start: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let quote = '';
  let from = start;
  for (let at = start; at < text.length && found.length < 4; at++) {
    const sign = text[at]!;
    if (quote !== '') {
      if (sign === '\\') at++;
      else if (sign === quote) quote = '';
    } else if ('"\'`'.includes(sign)) quote = sign;
    else if ('([{'.includes(sign)) depth++;
    else if (')]}'.includes(sign) && --depth < 0) {
      found.push(text.slice(from, at).trim());
      return found;
    } else if (sign === ',' && depth === 0) {
      found.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return found;
}

/** Whether the second is about what the first is about: the same, or something of it. */
export function isAbout(subjects: readonly string[], other: readonly string[]): boolean {
  return other.some((one) =>
    subjects.some(
      (subject) =>
        subject !== '' &&
        !/^['"`\d]/.test(subject) &&
        (one === subject || (one.startsWith(subject) && /^\W/.test(one.slice(subject.length)))),
    ),
  );
}
