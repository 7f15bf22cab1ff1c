import type { Translate } from './translate.ts';

/**
 * Sentences that the server and the parts without a window say in English, as they stand in the sources; `{0}` ... is what varies.
 * Windows say them in their own language; what is not listed stays English. Special ones stand before general ones.
 */
export const SENTENCES: readonly string[] = [
  // how an attempt ended
  'the worker ended without changing a file',
  '{0} fails on the result in a way that the base did not.',
  '{0} passes but ran no test.',
  '{0} could not be started.',
  '{0} fails as it did on the base.',
  'no check was given, so nothing proves the work',
  '1 blocking warning, see below',
  '{0} blocking warnings, see below',
  'The attempt was cancelled; what it changed so far is kept, and the same call continues it.',
  'the call was cancelled; the work so far is kept',
  'cancel_delegation was called; the work so far is kept',
  'the client or the server went away; the work so far is kept',
  'The limit of {0} steps was reached before the worker finished. What was changed so far is kept: the same call with a higher max_steps goes on, other text on the same branch sets a smaller goal.',
  'The time limit of {0} was reached before the worker finished. What was changed so far is kept: other text on the same branch sets a smaller goal; when the user allows more with KIMI_MAX_MINUTES, the same call goes on.',
  'one minute',
  '{0} minutes',
  'The context window is full ({0}). What was changed so far is kept: call again on the same branch with a smaller goal.',
  'The budget of {0} {1} does not cover another step ({2} {3} used).{4} What was changed so far is kept: the same call with a higher budget goes on, other text on the same branch sets a smaller goal.',
  'The daily budget of {0} {1} (KIMI_BUDGET_PER_DAY) for {2} does not cover another step: all attempts on this machine have used {3} of it. What was changed so far is kept, and resume_delegation goes on with it tomorrow, or when the daily budget is higher.',
  'The worker made the same {0} call {1} times with the same result. It was stopped before it spent more; what it changed so far is kept.',
  'The worker repeated the same {0} calls {1} times in turn, with the same results. It was stopped before it spent more; what it changed so far is kept.',
  '{0} edits in a row failed. It was stopped before it spent more; what it changed so far is kept.',
  '{0} was checked out meanwhile; it was left alone, and the work is on {1}',
  '{0} was moved by somebody else meanwhile; it was left alone, and the work is on {1}',
  'Nothing in the repository changed during the last {0} steps. It was stopped before it spent more; what it changed so far is kept.',
  'The answers of the worker were cut four times in a row, at the output limit or because they only repeated themselves. Split the task into smaller ones.',
  'The model gave {0} answers in a row without a tool call that could be run, or a word. Call again, or do it yourself.',
  ' The price of {0} is unknown, so its tokens were counted at the price of kimi-k2.6.',
  'the workspace could not be made: {0}',
  'git objects of {0} are missing or damaged ({1}); in a partial clone run: git checkout HEAD -- . ; otherwise: git fetch, git fsck',
  'some files of the workspace could not be removed ({0}); discard the delegation and start it again',
  'git refused the objects of the work: {0}. Nothing entered the repository',
  '{0}. The state directory {1} must be writable and have room; CLAUDE_KIMI_HOME names another one.',
  'git was not found in {0}: install git 2.38 or newer there',
  // why Kimi gave no answer
  'no Kimi API key was found. The user gives one in VS Code (command "Kimi Delegate: Set Up…"; the window with this repository must be open and its folder trusted), with KIMI_API_KEY in the environment of the server, or in ~/.claude-kimi-mcp/.env (keys: https://platform.moonshot.cn or https://platform.moonshot.ai).',
  '{0} refused the key (401). Check that it is complete and not revoked.',
  '{0} refused the key (401). Check that it is complete and not revoked. A key of the other platform is refused here: if it is one, set KIMI_BASE_URL to {1}.',
  "The endpoint {0} forbids this key to use {1} ({2}). Check the key's permissions and the model.",
  'The endpoint {0} does not know this address or the model {1} for this key ({2}). Check the base URL and the model.',
  "The endpoint {0} does not know this address or the model {1} for this key ({2}). It may be retired, or open only after a top-up: set KIMI_MODEL to one that the provider's console lists.",
  'The endpoint {0} does not know this address or the model {1} for this key ({2}). Check the base URL: most end in /v1 ({3}).',
  'The endpoint {0} answered with a web page instead of an answer of the model. Check the base URL (it usually ends in /v1); in a network that asks for a login, log in there first.',
  'The endpoint {0} sends requests on to another address, and nothing is sent to one that you did not set. If it is right, set KIMI_BASE_URL to {1} instead.',
  'The proxy asks for a password (407). Put it into HTTPS_PROXY: http://user:password@host:port, with special characters as %40 and the like.',
  'The endpoint {0} refused the request ({1}: {2}). Check the base URL and the model; if both are right, report this as a fault of this program.',
  "The Kimi account has no quota left ({0}). Top it up in the provider's console; retrying does not help.",
  "The account's daily token limit is used up ({0}). Try again tomorrow or raise the account's tier.",
  "The provider's content filter refused the request ({0}). Do this work without delegation.",
  '{0}; asked {1}, then gave up. Call again later: the attempt continues where it stopped.',
  '{0}; tried {1}, then gave up. Check the network and the base URL, or call again later: the attempt continues where it stopped.',
  'The provider limits the rate ({0})',
  'The provider is overloaded ({0})',
  'The connection failed ({0})',
  'once',
  '{0} times',
  '{0} refused the key: a key that begins with "sk-kimi-" is a Kimi subscription key, which the open platform does not take and whose own endpoint refuses general agents. Create a platform key at platform.moonshot.cn or platform.moonshot.ai.',
  'The Kimi key holds characters that no key has (a line break, a quote, a letter of another script). Enter it again.',
  "The endpoint's certificate is not trusted ({0}). Behind a company proxy, set NODE_EXTRA_CA_CERTS to its CA file.",
  "The provider's content filter cut the answer. Do this work without delegation.",
  'The provider answered {0} ({1})',
  'the answer ended before it was complete',
  'no data for {0} s',
  // why a call was refused
  'attempt {0} on {1} runs since {2} (process {3}). It is not disturbed; get_delegation shows how far it is.',
  'both the work and its corrections were rejected: {0} of {1} attempts on {2} are used. The last state stays on the branch; nothing was spent by this call.',
  'the commit {0} that the attempt on {1} began with is gone, so it cannot go on. Call again with other text on this branch to begin anew, or discard_delegation.',
  'there is nothing to resume on {0}: no attempt on it was cancelled or interrupted. Call implement_feature, write_tests or fix_bug to begin one.',
  'the task names files with uncommitted changes that the worker would not see: {0}. Commit them first, or call again with include_uncommitted: true.',
  'the repository at {0} has no commits yet; make a first commit, then call again',
  '{0} is not in a git repository; give one, or run git init there and make a first commit',
  "git does not trust {0} because another user owns it; run: git config --global --add safe.directory '{1}'",
  '{0} is checked out (or being rebased) in {1}. Switch to another branch there (git switch -), then call again.',
  'the task names files with uncommitted changes that the worker would not see: {0}. Commit or stash them, or say in the text what is in them without naming the files.',
  'the user does not allow that code of this repository is sent to Kimi (setting claudeKimi.repositories in VS Code).',
  'there is nothing to resume on {0}: {1}',
  'the attempt ended at its limit of {0} steps. Give a higher max_steps, and it goes on.',
  'the attempt ended at its budget. Give a higher budget, and it goes on.',
  'the attempt ended at its time limit of {0} minutes. When the user allows more with KIMI_MAX_MINUTES, it goes on.',
  'the commit {0} that the attempt on {1} began with is gone, so it cannot go on. Call again with other text on this branch to begin anew, or discard_delegation.',
  // names of branches
  'branch_name {0} is a default branch of this repository; choose a new name such as {1}',
  'branch_name {0} is protected; choose a new name such as {1}',
  'branch {0} is checked out (or being rebased) in {1}; use another name such as {2}',
  'branch_name {0} cannot stand beside the existing branch {1}; choose another name such as {2}',
  'branch_name {0} is empty; give a name such as {1}',
  'branch_name {0} is longer than {1} bytes; choose a shorter name',
  'branch_name {0} holds a space, line break or control character; use "-" instead',
  'branch_name {0} holds invisible or direction-changing characters; leave them out',
  'branch_name {0} begins with "-", which git takes for an option; begin with a letter',
  'branch_name {0} begins like a full ref; give only the branch name, without refs/ or heads/',
  'branch_name {0} is a name that git uses itself; choose another',
  'branch_name {0} looks like a commit id; choose a name',
  'branch_name {0} holds one of ~ ^ : ? * [ \\, which git forbids; leave them out',
  'branch_name {0} holds ".." or "@{", which git forbids; leave them out',
  'branch_name {0} has an empty part between slashes; remove the extra "/"',
  'branch_name {0} has a part that begins with "." or ends with one; remove the dot',
  'branch_name {0} has a part that ends with ".lock", which git forbids; choose another ending',
  // decisions
  '{0} is at {1} now, not at {2}. Review what was added, then merge with that expected_tip.',
  '{0} is at {1} now, not at {2}. Look at what was added, then decide again.',
  '{0} is checked out itself. Switch to the branch that it should go into, then merge.',
  '{0} is checked out in {1}. Switch to another branch there first.',
  '{0} is not at {1} any more. Look at what was added (git log {2}), then decide again.',
  '{0} could not be restored: the name is taken, or commit {1} is gone. Rename the other branch (git branch -m) and restore again.',
  '{0} was moved since it was taken back to {1}, or commit {2} is gone, so it was left alone. Look at the work under another name: git branch NAME {3}',
  'an attempt runs on {0} (since {1}). Cancel it first (cancel_delegation), or wait for its end.',
  '{0} was neither discarded nor merged, so there is nothing to restore.',
  '{0} is unfinished in {1}. Finish or abort it first, then merge again.',
  'a merge',
  'a rebase',
  'a cherry-pick',
  'a revert',
  'there is nothing to merge: HEAD has these changes already.',
  'uncommitted changes in {0} would be overwritten. Commit or stash them, then merge again. Nothing was changed.',
  'HEAD moved while merging; everything was put back. Merge again.',
  '{0} conflict with what is on {1}. Call again on the same branch with the conflict as feedback, or merge by hand: git merge {2}',
  '{0} would be overwritten: git does not track what stands there in your checkout. Move it away, then merge again. Nothing was changed.',
  'there is nothing to merge: no branch with work of {0} is there. get_delegation lists what exists.',
  '{0} is back already, so there is nothing to restore.',
  // the sandbox
  'The sandbox program bubblewrap is not installed: install it ({0}), or let commands run without a sandbox (setting sandbox, KIMI_SANDBOX=unsandboxed).',
  'The sandbox program {0} does not start ({1}): install it ({2}), or let commands run without a sandbox (setting sandbox, KIMI_SANDBOX=unsandboxed).',
  'The sandbox program {0} is refused by this system ({1}): {2}, or let commands run without a sandbox (setting sandbox, KIMI_SANDBOX=unsandboxed).',
  'No sandbox for {0} yet: use Linux or WSL 2, or let commands run without a sandbox (setting sandbox, KIMI_SANDBOX=unsandboxed).',
  'allow user namespaces; in a container, start it with {0}',
  'allow user namespaces ({0}, or an AppArmor profile for bwrap)',
  'allow user namespaces ({0})',
  // Claude Code and the launcher
  'There is no program at {0}. Correct the setting claudeKimi.claudePath, or empty it to let the program be searched.',
  'Claude Code was not found: not on PATH, not in the usual folders, not by your login shell. Install it (https://code.claude.com), or put the path of its program into the setting claudeKimi.claudePath.',
  'Claude Code took the command, but {0} does not show the server {1}. Run: claude mcp list',
  '{0} is not valid JSON ({1}). It was left as it was: correct it, then try again.',
  '{0} was changed meanwhile. Nothing was written; try again.',
  'no installed server is recorded',
  '{0} failed: {1}',
  '{0} is missing',
  // settings
  '{0} of {1} is not used: the key comes from {2}, and the base URL must come from there too.',
  '{0} cannot be read ({1}). Make it a file that you can read, or remove it.',
  '{0} is {1}; allowed is {2}.',
  'a key of the Kimi platform, 8 to 512 characters without blanks',
  'an https URL (http only for this machine or a private network)',
  'the name of a model',
  'a whole number from {0} to {1}',
  'seconds from {0} to {1}',
  'tokens from {0} to {1}',
  "an amount above 0, in the endpoint's currency",
  'cache hit/input/output for a million tokens, such as {0}',
  'host names such as registry.npmjs.org or {0}, divided by commas',
  'branch names or patterns such as {0}, divided by commas',
  'at most 10 commands, one a line',
];

interface Pattern {
  readonly sentence: string;
  readonly whole: RegExp;
}

let patterns: readonly Pattern[] | null = null;
/** Rows are drawn again and again, and a reason never changes. */
const found = new Map<string, { sentence: string; parts: readonly string[] } | null>();
const MOST_KEPT = 2000;

/** A reason of the server in the language of the window; parts of it that are sentences of ours too. */
export function reasonWords(reason: string, t: Translate): string {
  const known = found.get(reason);
  const match = known === undefined ? find(reason) : known;
  if (known === undefined) {
    if (found.size >= MOST_KEPT) found.clear();
    found.set(reason, match);
  }
  return match ? t(match.sentence, ...match.parts.map((part) => reasonWords(part, t))) : reason;
}

function find(reason: string): { sentence: string; parts: readonly string[] } | null {
  patterns ??= SENTENCES.map((sentence) => ({ sentence, whole: patternOf(sentence) }));
  for (const { sentence, whole } of patterns) {
    const [all, ...parts] = whole.exec(reason) ?? [];
    if (all !== undefined) return { sentence, parts };
  }
  return null;
}

function patternOf(sentence: string): RegExp {
  const parts = sentence.split(/\{\d\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('([\\s\\S]*?)')}$`);
}
