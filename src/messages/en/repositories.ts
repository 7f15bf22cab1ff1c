/** What is wrong with a repository, its objects or the name of a branch. */
export const repositories = {
  'repo.nulInPath': 'repo_path holds a NUL character; give the absolute path of the repository',
  'repo.relativePath': 'repo_path must be absolute, and "{path}" is not; give the full path of the repository',
  'repo.noSuchFolder': 'repo_path {path} does not exist; give the path of an existing repository',
  'repo.silentPart': '{path} lies on a drive that does not answer, or holds one; connect it again, or unmount it',
  'repo.silent': 'repo_path {path} lies on a drive that does not answer; connect it again, or give another path',
  'repo.isFile': 'repo_path {path} is a file; give the folder of the repository',
  'repo.lineBreakInPath': 'repo_path holds a line break, which git cannot report safely; move the repository to another folder',
  'repo.insideGitFolder': '{folder} is inside a .git folder; give the folder of the working tree',
  'repo.bare': '{folder} is a bare repository, which has no working tree; give a clone or a worktree of it',
  'repo.oddFile':
    '{file} is a pipe, a device or huge, is reached through /proc, includes hundreds of files, or has a pattern with more than four **: git would not come to its end, or elsewhere. Mend or remove it, then try again.',
  'repo.oddBorrowing':
    '{file} names folders of objects in a way that cannot be followed as git does: a line that is no plain path, more than 500 of them, or too deep. Mend or remove it, then try again.',
  'repo.linkOut':
    '{file} is a link that leads out of the git folder, and git would write into what it leads to. Remove the link, then try again.',
  'repo.oddName':
    'the git configuration for {folder} names a program as {key}, which is no UTF-8, so git cannot be kept from running it. Rename or remove that section, then try again.',
  'repo.otherWorkTree':
    'the configuration of the repository at {folder} names {root} as its working tree, but no .git there leads back to {gitDir}. Remove core.worktree from that configuration, or make it a repository by git init --separate-git-dir.',
  'repo.noWorkingTree': '{folder} is not inside a working tree: {said}',
  'repo.noCommits': 'the repository at {folder} has no commits yet; make a first commit, then call again',
  'repo.namesake':
    'Kept: {branch} of {repository} is work that is nowhere else, and another repository has a branch of that name. Name it in that repository; where that is gone, remove {folder}.',
  'repo.foreignOwner':
    'git does not trust {folder} because another user owns it; run: git config --global --add safe.directory {folder:word}',
  'repo.none': '{folder} is not in a git repository; give one, or run git init there and make a first commit',
  'repo.unreadable': 'git cannot read {folder}: {said}',
  'repo.newerFormat':
    'the git that was found is too old for the repository at {folder}, which needs {what}: install a newer one (for refstorage, which is reftable, 2.45)',
  'git.missing': 'git was not found in {folders}: install git {oldest} or newer there',
  'git.tooOld': 'git {version} ({program}) is too old: install git {oldest} or newer',
  'git.notWorking': '{program} does not tell its version ({said}): install git {oldest} or newer',
  'git.saidNothing': 'no reason given',
  'git.objectsMissing':
    'git objects of {commit} are missing or damaged ({said}); in a partial clone run: git checkout HEAD -- . ; otherwise: git fetch, git fsck',
  'git.filesStay': 'some files of the workspace could not be removed ({said}); discard the delegation and start it again',
  'git.someRepository': 'the repository',
  'git.locked':
    'another git command is at work in {folder}, or one that was stopped left a lock behind ({said}). Wait for it, or remove the lock file when no git runs, then try again.',
  'git.full': 'there is no room left on the disk of {folder} ({said}). Make room, then try again.',
  'git.readOnly': '{folder} is on a file system that cannot be written ({said}). Make it writable, then try again.',
  'git.notAllowed':
    'your user may not do this in {folder} ({said}). Correct the owner or the permissions of what it names, then try again.',
  'git.tooManyOpen': 'too many files are open at once ({said}). Close some programs, or raise the limit (ulimit -n), then try again.',
  'git.deviceFails': 'the disk of {folder} fails ({said}). Check the disk, and make a backup first.',
  'git.foreignOwner':
    'git does not trust {folder} because another user owns it; run: git config --global --add safe.directory {folder:word}',
  'git.vanished':
    'something that git needs in {folder} is gone ({said}). See whether the folder is still there and is a repository (git status), then try again.',
  'git.newerFormat': 'git here is too old for the format of the repository at {folder} ({said}). Install a newer git, then try again.',
  'git.badConfig':
    'git cannot read its configuration for {folder} ({said}). Correct what it names (git config --list --show-origin), then try again.',
  'git.damaged':
    'objects or index of the repository at {folder} are missing or damaged ({said}). Look with git fsck; git fetch, or a fresh clone, brings objects back.',
  'git.killed': 'git was ended from outside while it worked in {folder} ({said}): memory may be short. Try again.',
  'git.filterFailed':
    'a content filter of your git configuration failed in {folder} ({said}). Mend the filter (for git-lfs: git lfs pull), then try again.',
  'git.tooLong':
    'git {command} did not end within {seconds} seconds and was ended. A drive that does not answer, or a pipe in the place of a file, can make it wait. Look with git status in the repository, then try again.',
  'git.tooMuch':
    'git {command} printed more than {megabytes} MB and was ended: that is too much to work with. Give a smaller task or repository.',
  'git.tooMuchMemory':
    'git {command} took more than {megabytes} MB of memory and was ended: a huge file of very many lines, changed on both sides, is too much for it. Merge that by hand (git merge), or give a smaller task.',
  'git.unwanted': 'git was still at work when the call had been cancelled, and was ended',
  'git.notConfined':
    'git could not be started behind the wall that is around it ({said}), so it did nothing. Too many programs, or too little memory, can be why: try again.',
  'git.failed': 'git could not do its work in {folder}: {said}. Look there with git status and git fsck, then try again.',

  'branchName.empty': 'branch_name {name} is empty; give a name such as "kimi/fix-login"',
  'branchName.notText': 'branch_name {name} is not valid text; use letters, digits, "-", "_" and "/"',
  'branchName.tooLong': 'branch_name {name} is longer than {bytes} bytes; choose a shorter name',
  'branchName.space': 'branch_name {name} holds a space, line break or control character; use "-" instead',
  'branchName.invisible': 'branch_name {name} holds invisible or direction-changing characters; leave them out',
  'branchName.dash': 'branch_name {name} begins with "-", which git takes for an option; begin with a letter',
  'branchName.fullRef': 'branch_name {name} begins like a full ref; give only the branch name, without refs/ or heads/',
  'branchName.gitRef': 'branch_name {name} is a name that git uses itself; choose another',
  'branchName.commitId': 'branch_name {name} looks like a commit id; choose a name',
  'branchName.forbidden': 'branch_name {name} holds one of ~ ^ : ? * [ \\, which git forbids; leave them out',
  'branchName.dotsOrAt': 'branch_name {name} holds ".." or "@{", which git forbids; leave them out',
  'branchName.emptyPart': 'branch_name {name} has an empty part between slashes; remove the extra "/"',
  'branchName.dot': 'branch_name {name} has a part that begins with "." or ends with one; remove the dot',
  'branchName.lock': 'branch_name {name} has a part that ends with ".lock", which git forbids; choose another ending',
  'branchName.default': 'branch_name {name} is a default branch of this repository; choose a new name such as "{proposal}"',
  'branchName.protected': 'branch_name {name} is protected; choose a new name such as "{proposal}"',
  'branchName.checkedOut': 'branch {name} is checked out (or being rebased) in {folder}; use another name such as "{proposal}"',
  'branchName.symbolic':
    'branch {name} is another name of "{target}" (a symbolic ref), whose work it would move; use another name such as "{proposal}"',
  'branchName.beside': 'branch_name {name} cannot stand beside the existing branch "{existing}"; choose another name such as "{proposal}"',
} as const;
