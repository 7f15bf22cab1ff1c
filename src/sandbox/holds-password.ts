const LONGEST = 1024 * 1024;
/** Text lies in it as it is; where there is no password the tool needs it. */
const DATABASE = Buffer.from('SQLite format 3\0');
/**
 * A setting that is named like one, in csh and fish, too; a login in an address, of a name and a password or of a token alone; conda's address with a token; a header
 * that logs in; a private key.
 */
const PASSWORD =
  /(pass(word|wd|phrase)?|token|secret[\w-]*|access[-_]?key|_auth|api[-_]?key|credentials?|private[-_]?key)["']?\s*[>:=]\s*\S|:\/\/[^\s/:@]*:[^\s/@]+@|:\/\/(?=[^\s/:@]*\d)(?![^\s/:@]*%40)[^\s/:@]{12,}:?@|(private|deploy|job)-token\b|\bauthorization\b|\bset(?:env|(?: -[\w-]{1,20}){1,4}) \w{0,60}(?:pass|token|secret|key)\w{0,60} \S|\/t\/[\w-]{8,}\/|PRIVATE KEY-----/i;

/** Whether a file of settings seems to hold a password. What cannot be read as text counts as one. */
export function holdsPassword(content: Buffer): boolean {
  if (content.length > LONGEST || (content.includes(0) && !content.subarray(0, DATABASE.length).equals(DATABASE))) return true;
  const text = content
    .toString('utf8')
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/^\s*[#;].*$/gm, ''); // not in comments: templates show how
  return PASSWORD.test(text);
}
