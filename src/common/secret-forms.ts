/**
 * Secrets that are known by their form: private key blocks and the tokens of well-known services. The forms are those that gitleaks and
 * secretlint look for, without the ones that only a word nearby tells (those are guesses, and hide ordinary code).
 */

export interface FoundSecret {
  readonly start: number;
  readonly end: number;
  /** What it is, for people: `GitHub token`. */
  readonly kind: string;
}

/**
 * Each begins with text that nothing else begins with, so a scan is quick. In a group `(...)` stands the secret, where it is not all.
 * `varied`: it must be as mixed as random characters are, or a name in code (`sk-fading-circle`) would count.
 */
const TOKENS: readonly { kind: string; form: string; varied?: true }[] = [
  { kind: 'AWS access key', form: String.raw`\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b` },
  {
    kind: 'AWS secret key',
    form: String.raw`(?:aws_?secret_?access_?key|AWS_?SECRET_?ACCESS_?KEY|[sS]ecretAccessKey)["']?\s{0,3}[=:]\s{0,3}["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])`,
  },
  { kind: 'GitHub token', form: String.raw`\bgh[pousr]_[A-Za-z0-9]{36,255}|\bgithub_pat_[A-Za-z0-9_]{22,255}` },
  { kind: 'GitLab token', form: String.raw`\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt|oas)-[\w-]{20,300}`, varied: true },
  { kind: 'Slack token', form: String.raw`\bxox[abeoprs]-[A-Za-z0-9-]{10,250}|\bxapp-\d-[A-Za-z0-9-]{20,250}` },
  { kind: 'Slack webhook', form: String.raw`\bhooks\.slack\.com/(?:services|workflows|triggers)/([\w/-]{30,})` },
  { kind: 'Stripe key', form: String.raw`\b[rs]k_(?:live|prod)_[A-Za-z0-9]{10,250}|\bwhsec_[A-Za-z0-9+/=]{24,250}` },
  { kind: 'npm token', form: String.raw`\bnpm_[A-Za-z0-9]{36}\b|_(?:authToken|password|auth)\s{0,3}=\s{0,3}["']?([A-Za-z0-9+/=_.-]{16,})` },
  { kind: 'PyPI token', form: String.raw`\bpypi-AgE[\w-]{50,}` },
  { kind: 'API key of a model', form: String.raw`\bsk-(?=[\w-]{0,250}[A-Z]|[\w-]{0,16}[a-z0-9]{20})[\w-]{20,250}`, varied: true },
  { kind: 'Google key', form: String.raw`\bAIza[\w-]{35}(?![\w-])|\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{28}` },
  { kind: 'Azure key', form: String.raw`\bAccountKey=([A-Za-z0-9+/]{80,90}={0,2})|\b[\w.~-]{3}\dQ~[\w.~-]{31,34}` },
  { kind: 'SendGrid key', form: String.raw`\bSG\.[\w-]{16,32}\.[\w-]{16,64}` },
  { kind: 'Hugging Face token', form: String.raw`\bhf_[A-Za-z0-9]{34,}` },
  { kind: 'Docker token', form: String.raw`\bdckr_(?:pat|oat)_[\w-]{27,32}` },
  { kind: 'Vault token', form: String.raw`\bhv[sb]\.[\w-]{24,}` },
  { kind: 'DigitalOcean token', form: String.raw`\bdo[opr]_v1_[a-f0-9]{64}` },
  { kind: 'Databricks token', form: String.raw`\bdapi[a-f0-9]{32}(?:-\d)?\b` },
  { kind: 'Shopify token', form: String.raw`\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}` },
  { kind: 'Atlassian token', form: String.raw`\bATATT3[\w=-]{60,}` },
  { kind: 'Telegram token', form: String.raw`\b\d{8,10}:AA[\w-]{33}(?![\w-])` },
  { kind: 'Alibaba Cloud key', form: String.raw`\bLTAI[A-Za-z0-9]{16,24}\b`, varied: true },
  { kind: 'Tencent Cloud key', form: String.raw`\bAKID[A-Za-z0-9]{32}\b`, varied: true },
  { kind: 'age key', form: String.raw`\bAGE-SECRET-KEY-1[A-Z0-9]{58}` },
  { kind: 'RubyGems key', form: String.raw`\brubygems_[a-f0-9]{48}` },
  { kind: 'Linear key', form: String.raw`\blin_(?:api|oauth)_[A-Za-z0-9]{32,}` },
  { kind: 'Sentry token', form: String.raw`\bsntry[su]_[\w+/=-]{40,}` },
  { kind: 'password in an address', form: String.raw`:\/\/[^\s\/:@"'<>]{0,100}:([^\s\/:@"'<>]{8,200})@`, varied: true },
];

/** One pass over a text for all of them: `(whole)(inner)` for each kind. */
const ANY_TOKEN = new RegExp(TOKENS.map(({ form }) => `(${withOneGroup(form)})`).join('|'), 'g');

/** Every form has just one inner group, so that kind `i` has the groups `2i+1` and `2i+2`. */
function withOneGroup(form: string): string {
  const groups = form.match(/(?<!\\)\((?!\?)/g)?.length ?? 0;
  return groups === 0 ? `${form}()` : form;
}

/** Secrets in a text, in order, none inside of another. */
export function findSecrets(text: string): FoundSecret[] {
  return text.length < 16 ? [] : [...privateKeys(text), ...tokens(text)].sort((a, b) => a.start - b.start).reduce(withoutOverlap, []);
}

function withoutOverlap(found: FoundSecret[], next: FoundSecret): FoundSecret[] {
  const last = found.at(-1);
  if (!last || next.start >= last.end) found.push(next);
  else if (next.end > last.end) found[found.length - 1] = { ...last, end: next.end };
  return found;
}

/** @param mask what stands in the place of each; it holds no secret itself */
export function maskSecrets(text: string, mask: string, onFound: (kind: string) => void = () => {}): string {
  let out = '';
  let at = 0;
  for (const { start, end, kind } of findSecrets(text)) {
    out += text.slice(at, start) + mask;
    at = end;
    onFound(kind);
  }
  return at === 0 ? text : out + text.slice(at);
}

function* tokens(text: string): Iterable<FoundSecret> {
  for (const match of text.matchAll(ANY_TOKEN)) {
    const of = TOKENS.findIndex((_, i) => match[2 * i + 1] !== undefined);
    const token = TOKENS[of]!;
    const inner = match[2 * of + 2] || match[0];
    if (isPlaceholder(inner) || (token.varied && !isVaried(inner))) continue;
    const start = match.index + match[0].lastIndexOf(inner);
    yield { start, end: start + inner.length, kind: token.kind };
  }
}

/** What documentation writes in the place of a key. */
function isPlaceholder(text: string): boolean {
  return /EXAMPLE|example|xxxx|XXXX|\*\*\*|your[-_]|YOUR[-_]|<|\$\{|1234567|abcdefg/.test(text) || entropyOf(text) < 2.5;
}

/** Random characters hold letters and digits in no order. */
function isVaried(text: string): boolean {
  return /[0-9]/.test(text) && /[A-Za-z]/.test(text) && entropyOf(text) >= 3;
}

/** Bits for each character, by how often each occurs in the text. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

const FRAME = /-----(BEGIN|END) (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)?-----/g;
/** No key is longer. */
const LONGEST_KEY = 32 * 1024;
/** A line of a key, whatever stands around it: a number, a `+` of a diff, quotes, `\n` as two characters. */
const KEY_LINE = /[A-Za-z0-9+/]{40}/;
/** Its last line, and the headers of old formats. */
const KEY_REST = /^\W{0,8}(?:\d{1,6}\W{1,3})?(?:[A-Za-z0-9+/]{0,76}={0,2}|(?:Proc-Type|DEK-Info|Version|Comment|Hash): .{0,100})\W{0,8}$/;

/**
 * A block with its frame, and what a cut left of one: lines of a key behind a begin without an end, or before an end without a
 * begin. A frame without a key in it is code that looks for keys, or a word in a text.
 */
export function* privateKeys(text: string): Iterable<FoundSecret> {
  if (!text.includes(' PRIVATE KEY')) return;
  const frames = [...text.matchAll(FRAME)].map((match) => ({
    isBegin: match[1] === 'BEGIN',
    at: match.index,
    end: match.index + match[0].length,
  }));
  let done = 0;
  for (const [i, frame] of frames.entries()) {
    if (frame.at < done) continue;
    const next = frames[i + 1];
    let { at: start, end } = frame;
    if (!frame.isBegin) start = startOfKeyLines(text, done, start);
    else if (next && !next.isBegin && next.at - end <= LONGEST_KEY && KEY_LINE.test(text.slice(end, next.at))) end = next.end;
    else end = endOfKeyLines(text, end, next?.at ?? text.length);
    done = Math.max(frame.end, end);
    if (end - start > frame.end - frame.at) yield { start, end, kind: 'private key' };
  }
}

/** @returns `from` where no line of a key follows */
function endOfKeyLines(text: string, from: number, most: number): number {
  const before = Math.min(most, from + LONGEST_KEY);
  let to = from;
  let hasKey = false;
  for (let at = from; at < before; ) {
    const next = text.indexOf('\n', at);
    const end = next < 0 || next > before ? before : next;
    const kind = lineKind(text.slice(at, end));
    if (kind === 'other') break;
    hasKey ||= kind === 'key';
    to = end;
    at = end + 1;
  }
  return hasKey ? to : from;
}

/** @returns `end` where no line of a key stands before */
function startOfKeyLines(text: string, least: number, end: number): number {
  const behind = Math.max(least, end - LONGEST_KEY);
  let start = end;
  let hasKey = false;
  for (let stop = end; stop > behind; ) {
    const at = Math.max(behind, text.lastIndexOf('\n', stop - 1) + 1);
    const kind = lineKind(text.slice(at, stop));
    if (kind === 'other') break;
    hasKey ||= kind === 'key';
    start = at;
    stop = at - 1;
  }
  return hasKey ? start : end;
}

function lineKind(line: string): 'key' | 'rest' | 'other' {
  return KEY_LINE.test(line) ? 'key' : KEY_REST.test(line) ? 'rest' : 'other';
}
