import { findSecrets } from '../common/secret-forms.ts';

/** What is longer counts as one with a password, and need not be read: maps and dumps are called like settings, and have gigabytes. */
export const LONGEST_SETTING = 1024 * 1024;
/** Text lies in it as it is; where there is no password the tool needs it. */
const DATABASE = Buffer.from('SQLite format 3\0');

/**
 * Commands write some of these files: no part of an expression goes on without end where its beginning can stand thousands of times.
 */
const BLANK = String.raw`\s{0,99}`;

/** What a setting, a function or a key of a table is called that is given a password. */
const NAMES = 'pass(?:word|wd|phrase)?|token|access[-_]?key|_auth|api[-_]?key|credentials?|private[-_]?key';
const NAME = String.raw`(?:${NAMES}|secret[\w-]{0,40})`;
/** The same in short; elsewhere these are words and folders. */
const SHORT_NAME = String.raw`(?:[_-]pwd?|\bpwd?|[_-]pat)`;

/** A login in an address, of a name and a password or of a token alone; a token of conda's; a signed address. */
const IN_ADDRESSES: readonly string[] = [
  String.raw`:\/\/[^\s/:@]*:[^\s/@]+@`,
  String.raw`:\/\/[^\s/:@"'<>]*:(?!\d{1,5}(?:\/|\s|$))[^@"'<>\n]{1,200}@`,
  String.raw`\bhttps?:\/?(?!\/)[^\s/:@]{0,200}:[^\s/@]{1,400}@`,
  String.raw`:\/\/(?=[^\s/:@]*\d)(?![^\s/:@]*%40)[^\s/:@]{12,}:?@`,
  String.raw`\/t\/[\w-]{8,}\/`,
  String.raw`[?&;]sig(?:nature)?=[\w%+/]`,
];

const WAYS: readonly string[] = [
  // `password=x`, `<password>x`, `"password": x`
  String.raw`${NAME}["']?\s*(?:[>=]|:(?!:))\s*\S`,
  String.raw`${SHORT_NAME}["']?\s*[:=]\s*["']?[^\s"'$/(~]`,
  // As Gradle, Clojure and Scala write it: `password 'x'`, `password("x")`, `password.set("x")`, `"password", "x"`, `{password, <<"x">>}`
  String.raw`${NAME}(?:\.set)?["']?${BLANK}[(,]?${BLANK}(?:<<)?["'][^"'\s]`,
  // Hadoop's: `<name>x.password</name><value>x</value>`
  String.raw`(?:${NAMES}|secret)[\w.-]{0,40}<\/\w{1,20}>${BLANK}<\w{1,20}>${BLANK}[^<\s]`,
  // Redis'
  String.raw`^[ \t]{0,20}(?:requirepass|masterauth)\s+[^\s"']`,
  // Airflow's, and what keys of frameworks are called
  String.raw`\b(?:fernet|encryption|signing|app)_key[ \t]*=[ \t]*[^\s;#]`,
  // `key="ClearTextPassword" value="x"`
  String.raw`${NAME}["']\s+\w{1,20}\s*=\s*["'][^"']`,
  // netrc's
  String.raw`\blogin\s+\S+\s+passw(?:or)?d\s+\S`,
  // csh and fish
  String.raw`\bset(?:env|(?: -[\w-]{1,20}){1,4}) \w{0,60}(?:pass|token|secret|key)\w{0,60} \S`,
  ...IN_ADDRESSES,
  // A header that logs in
  String.raw`(?:private|deploy|job)-token\b|\bauthorization\b|\bhttp-?header(?:s|credentials)?\b|\b(?:bearer|basic)\s+[\w+/=.~-]{16,}`,
  'PRIVATE KEY-----',
];
const PASSWORD = new RegExp(WAYS.join('|'), 'im');

/** What a client keeps of its request beside an answer. */
const SENT = 'authorization.{0,8}(?:basic|bearer|token|digest) ';
const ADDRESS = new RegExp([...IN_ADDRESSES, SENT].join('|'), 'i');

/** Whether an address with a login, or the header of one, stands in it; every other word, as of tokens and passwords, is a name of a package there. */
export const holdsLoginInAddress = (content: Buffer): boolean => ADDRESS.test(content.toString('latin1'));

/** conda notes the words of its commands as comments. */
const IN_COMMENTS = /\/conda-meta\/history$/;

/**
 * Whether a file of settings seems to hold a password. What cannot be read as text counts as one.
 * @param path its own, where it says what comments are
 */
export function holdsPassword(content: Buffer, path = ''): boolean {
  if (content.length > LONGEST_SETTING || (content.includes(0) && !content.subarray(0, DATABASE.length).equals(DATABASE))) return true;
  const whole = content.toString('utf8');
  // Not in comments: templates show how.
  const said = IN_COMMENTS.test(path) ? whole : withoutComments(whole);
  // Nor on the next line where a line is all that a setting has.
  const text = path.endsWith('.ini') ? said.replaceAll(/^[^=\n]*=[ \t]*$/gm, '') : said;
  return PASSWORD.test(text) || findSecrets(text).length > 0;
}

function withoutComments(text: string): string {
  const [first = '', ...others] = text.split('<!--');
  const open = others.findLastIndex((part) => part.includes('-->'));
  const kept = others.flatMap((part, at) => {
    const end = part.indexOf('-->');
    if (end >= 0) return [part.slice(end + 3)];
    return at > open ? [`<!--${part}`] : []; // a comment that begins within another one, or that nothing ends
  });
  return [first, ...kept]
    .join('')
    .split(/[\n\r\u2028\u2029]/)
    .filter((line) => !/^\s*[#;]/.test(line))
    .join('\n');
}
