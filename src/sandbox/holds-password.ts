const LONGEST = 1024 * 1024;
/** A setting that is named like one; a login in an address; conda's address with a token; a private key. */
const PASSWORD =
  /(pass(word|wd|phrase)?|token|secret[\w-]*|access[-_]?key|_auth|api[-_]?key|credentials?|private[-_]?key)["']?\s*[>:=]\s*\S|:\/\/[^\s/:@]*:[^\s/@]+@|\/t\/[\w-]{8,}\/|PRIVATE KEY-----/i;

/** Whether a file of settings seems to hold a password. What cannot be read as text counts as one. */
export function holdsPassword(content: Buffer): boolean {
  if (content.length > LONGEST || content.includes(0)) return true;
  const text = content
    .toString('utf8')
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .replaceAll(/^\s*[#;].*$/gm, ''); // not in comments: templates show how
  return PASSWORD.test(text);
}
