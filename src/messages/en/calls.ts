/** Why a call was refused, and what became of a decision. */
export const calls = {
  'call.arguments': '{problems}. {tool} needs {required}.',
  'call.busy': 'attempt {attempt} on {branch} runs since {since} (process {pid}). It is not disturbed; get_delegation shows how far it is.',
  'state.newer':
    '{folder} was written by a newer version of claude-kimi-mcp (format {version}), so this one leaves it alone. Update this one and restart its client, or use another branch name. Nothing was changed.',
  'call.attemptsUsed':
    'both the work and its corrections were rejected: {used} of {most} attempts on {branch} are used. The last state stays on the branch; nothing was spent by this call.',
  'call.recheckMoved':
    'other checks can be run only on the work as it was handed back ({tip}), and {branch} has changed since. Run them yourself, or call without checks for the stored report.',
  'call.baseGone':
    'the commit {commit} that the attempt on {branch} began with is gone, so it cannot go on. Call again with other text on this branch to begin anew, or discard_delegation.',
  'call.ownBranchCheckedOut':
    '{branch} is checked out (or being rebased) in {folder}. Switch to another branch there (git switch -), then call again.',
  'call.baseUnknown': 'base {base} is no commit of {repository}. Give a commit, a branch or a tag, or leave base out for HEAD.',
  'call.baseOfExisting':
    '{branch} exists already and is continued from its tip ({tip}), so it cannot begin at {base}. Leave base out, or give a new branch_name.',
  'call.uncommittedNotAtHead':
    'include_uncommitted works only for work that begins at HEAD, and this begins at {commit}: the worker would not see {files}. Call again without it if they do not matter, or commit them and use a new branch_name.',
  'call.uncommittedNamed':
    'the task names files with uncommitted changes that the worker would not see: {files}. Commit them first, or call again with include_uncommitted: true.',
  'call.uncommittedNamedElsewhere':
    'the task names files with uncommitted changes that the worker would not see: {files}. Commit or stash them, or say in the text what is in them without naming the files.',

  'resume.nothing':
    'there is nothing to resume on {branch}: no attempt on it was cancelled or interrupted. Call implement_feature, write_tests or fix_bug to begin one.',
  'resume.timeLimit':
    'there is nothing to resume on {branch}: the attempt ended at its time limit of {minutes} minutes. When the user allows more with KIMI_MAX_MINUTES, it goes on.',
  'resume.stepLimit':
    'there is nothing to resume on {branch}: the attempt ended at its limit of {steps} steps. Give a higher max_steps, and it goes on.',
  'resume.budget': 'there is nothing to resume on {branch}: the attempt ended at its budget. Give a higher budget, and it goes on.',

  'consent.denied': 'the user does not allow that code of this repository is sent to Kimi (setting claudeKimi.repositories in VS Code).',
  'consent.deniedHere': 'the user does not allow that code of this repository is sent to Kimi ({from}).',
  'consent.openHere':
    'The user has not allowed yet that code of this repository is sent to Kimi ({from} is ask). To allow it, run: {cli} setup --repositories allow --repo {folder:word}',
  'consent.silent':
    '{window} does not answer, and what the user refuses or withholds there is not known. Try again; if that does not help, let the user reload that window or close it.',
  'consent.open':
    'the user has not answered yet whether code of this repository may be sent to Kimi: {window} asks. The setting claudeKimi.repositories keeps the answer.',

  'outside.foreignObjects':
    '{repository} takes what it holds from {folder} too, which is outside of the folders that this client works in and would be sent with it. Let the user add {folder} to KIMI_DIRECTORIES if that is meant.',
  'outside.gitFolder':
    '{pointer} leads to {repository}, which knows nothing of {folder}, and is that of another working tree or is outside of the folders that this client works in. For a linked worktree that was moved let the user run `git worktree repair` there; else let the user add {repository} to KIMI_DIRECTORIES if that is meant.',
  'outside.repository':
    '{repository} is outside of the folders that this client works in ({folders}). Open it in the client, or let the user add it to KIMI_DIRECTORIES.',
  'outside.noFolders': 'none',

  'setup.broken': 'Delegation to Kimi does not work at present: {why}',

  'call.commentFile':
    'the feedback has a comment on {file}, which is not on the branch. Is {files} meant? Name the file by its path from the root.',
  'call.commentLine':
    'the feedback has a comment on {place}, but {file} has {lines} lines on the branch. Give the line as the branch has it (delegation_diff shows it).',
  'call.commentNoText':
    'the feedback has a comment on a line of {file}, which is no text on the branch. Say of the file what should change, without a line.',

  'merge.done': '{files} merged into {into} as {commit}; {branch}. To take it back: git reset --keep {before}',
  'merge.doneBefore': '{files} merged into {into} as {commit}, before this call; {branch}.',
  'merge.preview': '{files} would change on {into}, without conflict: {names}. Nothing was changed.',
  'merge.applied':
    '{files} changed and staged on {into}, not committed: {names}. {branch} stays until it is merged or discarded. To take it back: {undo}',
  'merge.partDone':
    '{files} merged into {into} as {commit}: {names}; the rest stays on {branch}, to be merged or discarded. To take it back: git reset --keep {before}',
  'merge.partOnly':
    'some files or lines alone can be merged as one commit or applied, since a merge commit or a fast-forward takes the whole branch.',
  'merge.notChanged': 'the work does not change {paths}. It changes {files}.',
  'merge.partOf': '{file} (lines {lines})',
  'merge.hunkRemoved': 'removed behind {line}',
  'merge.noHunk':
    'no change of {file} touches its lines {lines}. Its changes are at the lines {hunks}, as the branch has them: name lines of these, or the file alone for all.',
  'merge.partNew': '{file} is new on the branch, so it comes whole: name it without lines.',
  'merge.partDeleted': '{file} is deleted on the branch, so it goes whole: name it without lines.',
  'merge.partNoText':
    '{file} is no text (binary, a link, a submodule, kept by git-lfs or very large), so it comes whole: name it without lines.',
  'merge.partSame': 'no line of {file} changes, only its mode or its name: name it without lines.',
  'merge.cancelled': 'the merge was cancelled before anything moved. Nothing was changed.',
  'merge.noChecks':
    'no check of {branch} is known, so none can run on what the merge would give. Merge without check, or run the tests yourself after it. Nothing was changed.',
  'merge.checked': 'Checked on the merged files: {commands}.',
  'merge.checkFails':
    '{command} passes on what is checked out, and fails on the files that the merge would give: {how}. Nothing was changed. Call again on the same branch with that as feedback, or merge without check.',
  'merge.checkNotRun':
    '{commands} cannot run on the merged files for want of something on this machine. Nothing was changed. Install it, or merge without check.',
  'merge.noTree': 'objects are missing.',
  'merge.hooksCannotRun':
    'your hooks cannot run: {why} Nothing was changed. To merge without them: skip_hooks (in the terminal --no-verify).',
  'merge.hookFails':
    'your hook {hook}, which ran in the sandbox on the files that the merge would give, says no ({how}): {said} Nothing was changed. Have that mended on the branch. Where it only misses something in the sandbox: take the work with how: apply and commit it yourself, or merge without hooks: skip_hooks (in the terminal --no-verify).',
  'merge.hookRewrites':
    'your hooks would rewrite {files}, and what was reviewed is what is merged. Nothing was changed. Take the work with how: apply and commit it yourself, where they do so, or merge without them: skip_hooks (in the terminal --no-verify).',
  'merge.hookEmptyMessage':
    'your hooks left no commit message. Nothing was changed. To merge without them: skip_hooks (in the terminal --no-verify).',
  'merge.hookLeft': 'Your hooks also made {files}, which are not taken.',
  'merge.hooksNotRun': 'Your hooks {hooks} did not run, as the branch changes what they load: {files}.',
  'merge.hookLater': 'Your hook {hook} did not run: git hook run {hook}.',
  'merge.noFastForward':
    'the branch that is checked out has commits that the work does not know, so it cannot be forwarded to it. Merge it as one commit (squash) or with a merge commit.',
  'merge.notSigned':
    'git could not sign the commit as commit.gpgSign asks: {said}. Nothing was changed. Unlock the key (or mend the settings of gpg), then merge again.',
  'merge.filesOne': '1 file',
  'merge.filesMany': '{count} files',
  'merge.branchFound': '{branch} stays, as it was there before',
  'merge.branchAside': '{branch} was put aside (restore_delegation brings it back)',
  'merge.branchStays': '{branch} stays: {why}',
  'merge.notNoted': '{what} (this is noted when {folder} can be written again: {said})',
  'merge.noBranch': 'there is nothing to merge: no branch with work of {branch} is there. get_delegation lists what exists.',
  'merge.tipMoved': '{branch} is at {tip} now, not at {expected}. Review what was added, then merge with that expected_tip.',
  'merge.ownBranch': '{branch} is checked out itself. Switch to the branch that it should go into, then merge.',
  'merge.otherHead': '{head} is checked out now, not {wanted}. Switch to {wanted}, or merge into {head}.',
  'merge.headElsewhere': '{wanted} is checked out in {folder}, and {head} here. Merge there (repo_path: {folder}), or into {head}.',
  'merge.unfinished.merge': 'a merge is unfinished in {folder}. Finish or abort it first, then merge again.',
  'merge.unfinished.rebase': 'a rebase is unfinished in {folder}. Finish or abort it first, then merge again.',
  'merge.unfinished.cherryPick': 'a cherry-pick is unfinished in {folder}. Finish or abort it first, then merge again.',
  'merge.unfinished.revert': 'a revert is unfinished in {folder}. Finish or abort it first, then merge again.',
  'merge.nothingNew': 'there is nothing to merge: HEAD has these changes already.',
  'merge.uncommitted': 'uncommitted changes in {files} would be overwritten. Commit or stash them, then merge again. Nothing was changed.',
  'merge.untracked':
    '{files} would be overwritten: git does not track what stands there in your checkout. Move it away, then merge again. Nothing was changed.',
  'merge.locked':
    'another git command is at work in {folder}, or one that was stopped left its lock ({locks}). Wait for it, or remove the lock when no git runs, then merge again. Nothing was changed.',
  'merge.filter':
    'a content filter of your git configuration failed on what the branch brings ({said}). Mend the filter (on Linux it writes only the repository, the store of git-lfs and TMPDIR), or have the branch corrected (for git-lfs: the object of each pointer must exist), then merge again. Nothing was changed.',
  'merge.changedMeanwhile': '{file} was changed by somebody else while merging. The merge was taken back: merge again.',
  'merge.otherFileSystem':
    '{file} is on another file system than the rest of the checkout, so a merge cannot be all or nothing there. Merge by hand: git merge. Nothing was changed.',
  'merge.unresolved':
    'conflicts in {files} are not resolved yet. Resolve them (git add) or take them back, then merge again. Nothing was changed.',
  'merge.overlooked':
    '{files} would be overwritten: they differ from HEAD, and git was told to overlook that (skip-worktree or assume-unchanged). Let git see them with git update-index --no-skip-worktree --no-assume-unchanged and the file, commit or stash them, then merge again. Nothing was changed.',
  'merge.submodule':
    'a submodule stands where {files} would come. Remove the submodule by hand first (git rm), then merge again. Nothing was changed.',
  'merge.collision':
    '{files} would be one file with another of the same name but for its case, on this file system. Have the branch rename one, then merge again. Nothing was changed.',
  'merge.failed': '{why} The checkout is as it was.',
  'merge.broken':
    'a merge that broke off half-way could not be taken back in {folder} ({said}). What it has put aside lies in {kept}. Mend that, then try again: whoever uses the repository next finishes it.',
  'merge.headMoved': 'HEAD moved while merging. Nothing was changed: merge again.',
  'merge.conflict':
    '{files} conflict with what is on {head} ({commit}). Call again on the same branch with the conflict as feedback, or merge by hand: git merge {tip}{drivers}',
  'merge.driversOff': ' (programs that merge files do not run here where only the configuration of the repository names them: {drivers})',

  'decide.threadDeaf':
    'what merges and discards was busy and heard no cancel for {seconds} s, so it was ended. A merge is whole or not there: get_delegation tells which.',
  'decide.threadEnded':
    'what merges and discards ended unexpectedly ({why}). A merge is whole or not there: get_delegation tells which; then call again.',
  'decide.running': 'an attempt runs on {branch} (since {since}). Cancel it first (cancel_delegation), or wait for its end.',
  'decide.unknown': '{branch} is no delegation of this repository. get_delegation without branch_name lists those that exist.',
  'discard.workedOn': '{branch} was worked on meanwhile. Look at what came of it, then decide again.',
  'discard.tipMoved': '{branch} is at {tip} now, not at {expected}. Look at what was added, then decide again.',
  'discard.unfinished': 'the unfinished work on {branch} is set aside; restore_delegation brings it back',
  'discard.deleted': '{branch} is gone; its commit {tip} is kept, and restore_delegation brings it back',
  'discard.deletedMergeStays': '{branch} is gone; its commit {tip} is kept, the merge stays, and restore_delegation brings the branch back',
  'discard.already': '{branch} is discarded already; restore_delegation brings it back.',
  'discard.merged': '{branch} is merged; there is nothing left to discard.',
  'discard.rewritten':
    '{branch} stays at {tip}: it was rewritten since the delegation found it at {found}. Take away by hand what you do not want of it',
  'discard.takenBack':
    '{branch} is back at {found}, where the delegation found it; commit {tip} is kept, and restore_delegation brings it back',
  'merge.wouldStash': 'Your uncommitted changes in {files} would be stashed meanwhile and come back after it.',
  'merge.stashed': 'Your uncommitted changes in {files} were stashed meanwhile, and are back.',
  'merge.stashKept':
    'Your uncommitted changes in {files} do not go together with what was merged: the files show both, and the stash keeps yours (git stash list).',
  'merge.stashOnly':
    'Your uncommitted changes in {files} could not be brought back: the stash keeps them all (git stash list). Make room if the disk is full, then bring them back with: git stash pop',
  'undoMerge.notMerged': '{branch} is not merged, so there is no merge to take back.',
  'undoMerge.unknown':
    'nobody noted where HEAD stood before {commit}, the merge of {branch}. Find it with git reflog, and take the merge back by hand: git reset --keep <commit>',
  'undoMerge.otherHead': '{head} is checked out, and the merge went into {into}. Switch to {into}, then take it back.',
  'undoMerge.builtOn':
    '{into} has commits that came after the merge {commit}, so it stays. To take out what it brought, and keep what came after: git revert {commit} (for a merge commit: git revert -m 1 {commit})',
  'undoMerge.gone': '{into} does not have the merge {commit} any more, so there is nothing to take back.',
  'undoMerge.shared':
    'the merge {commit} is in {refs} too, so {into} alone cannot go back. To take out what it brought with one more commit: git revert {commit} (for a merge commit: git revert -m 1 {commit})',
  'undoMerge.inTheWay': 'uncommitted changes in {files} would be overwritten. Commit or stash them, then take the merge back again.',
  'undoMerge.done': 'the merge {commit} was taken back: {into} is at {before} again, and {branch} is open',
  'restore.undecided': '{branch} was neither discarded nor merged, so there is nothing to restore.',
  'restore.alreadyBack': '{branch} is back already, so there is nothing to restore.',
  'restore.open': 'the delegation on {branch} is open again',
  'restore.done': '{branch} is back at {tip}',
  'restore.doneMergeStays': '{branch} is back at {tip}; the merge stays',
  'branch.checkedOut': '{branch} is checked out in {folder}. Switch to another branch there first.',
  'branch.moved': '{branch} is not at {tip} any more. Look at what was added (git log {branch:word}), then decide again.',
  'branch.movedSince':
    '{branch} was moved since it was taken back to {back}, or commit {tip} is gone, so it was left alone. Look at the work under another name: git branch NAME {commit}',
  'branch.notRestored':
    '{branch} could not be restored: the name is taken, or commit {tip} is gone. Rename the other branch (git branch -m) and restore again.',
} as const;
