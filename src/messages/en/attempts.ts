/** How an attempt ended, and what its report warns of. */
export const attempts = {
  'checks.regressed': '{commands} fails on the result in a way that the base did not.',
  'checks.proved': '{commands} passes on the result.',
  'checks.stillFailing': '{commands} fails as it did on the base.',
  'checks.noTests': '{commands} passes but ran no test.',
  'checks.stopped': '{command} was stopped on the result at {limit}, on the base it was not: the work or its tests use too much.',
  'checks.stoppedOnBoth':
    '{commands} was stopped on base and result at {limit}, so it says nothing: name a smaller check, or raise the limit.',
  'checks.limit.timeout': 'the limit of time (KIMI_CHECK_TIMEOUT)',
  'checks.limit.memory': 'the limit of memory (KIMI_COMMAND_MEMORY_MB)',
  'checks.limit.processes': 'the limit of processes (KIMI_COMMAND_PROCESSES)',
  'checks.limit.disk': 'the limit of disk space (KIMI_DISK_MB)',
  'checks.baseStopped': '{commands} passes on the result, but was stopped on the base, so this proves nothing.',
  'checks.notStarted':
    '{commands} could not run: what it needs is not installed. Install the dependencies of the project in your checkout and call again with `checks`, which run on this work.',
  'checks.wanting': '{why}, so it shows nothing.',
  'checks.onlyInstalled': '{commands} only installs packages, so nothing was tested',
  'checks.noneRun': 'No check was run.',
  'checks.noneGiven': 'no check was given, so nothing proves the work',
  'checks.noneFound': 'no check was found, so nothing proves the work: {files} name no test, type check or linter that can be run as it is',
  'checks.nothingToFind': 'no check was found, so nothing proves the work: no file of the repository tells how it is tested',
  'checks.foundStopped':
    '{command} was found, but runs into {limit}, so it shows nothing: name a smaller one in `checks`, or raise the limit.',
  'checks.foundNotStarted': '`{command}` could not be started',
  'checks.foundMissing': '{why}, so this check, which nobody gave, shows nothing.',
  'checks.foundOnlyResult': 'Before the work {why}, so nothing shows that what passes now was not broken by it.',
  'checks.foundNoTests': '{command} passes, but no test ran, or none on the base, so it shows nothing.',
  'checks.idle': '{command} passes whatever the code is, so it shows nothing.',
  'checks.foundNoTest': '{command} passes, but is no test.',
  'checks.bugNotShown':
    'the checks that were found passed before the fix too, and no new test fails without it: nothing shows that the bug is gone',
  'checks.featureNotShown':
    'the checks that were found passed before the work too, and no new test fails without it: nothing shows what it adds',
  'checks.testsNotShown': 'the checks that were found pass, but nothing shows that the new tests notice a fault',
  'checks.onlyNamesShown':
    'the new tests fail without the work only as they use what it adds, and nothing shows that they notice what it does',
  'checks.onlyProse': 'the checks that were found pass, but the work changes texts only, of which they say nothing',
  'checks.noEffect':
    'the work changes comments, blanks and texts only: no program does anything else than before, so checks that pass show nothing of the task. Same branch with feedback, unless this is all that was wanted',
  'checks.onlyTests':
    'the work changes only tests, and they pass without it too: nothing shows what the task asks for. Same branch with feedback, unless tests are all that was wanted',
  'checks.fixedByTests':
    'the check failed before only for want of the new tests: with them it passes without the work, or by the words of it, too',
  'checks.testsTakeNothing': 'the new tests take in nothing of the repository: they test what stands in them',
  'checks.testsRunNothing': 'the new tests run none of the lines that were tried in the code that they import',
  'checks.noFaultNoticed': 'none of {count} small faults in the code that the new tests run is noticed by them',
  'checks.elsewhere': 'the checks that were found pass, but cover nothing of {files}, which the work also changes',

  'end.noChanges': 'the worker ended without changing a file',
  'end.warnings.one': '1 blocking warning, see below',
  'end.warnings.many': '{count} blocking warnings, see below',
  'end.cancelled': 'The attempt was cancelled; what it changed so far is kept, and the same call continues it.',
  'end.callCancelled': 'the call was cancelled; the work so far is kept',
  'end.cancelDelegation': 'cancel_delegation was called; the work so far is kept',
  'end.refused': 'the user decided meanwhile that code of this repository is not sent to Kimi; the work so far is kept',
  'end.keepsBack':
    'the user keeps back more than when the attempt began ({patterns}); the work so far is kept, and resume_delegation goes on with that',
  'end.unreadable':
    'what the user decided meanwhile about sending code cannot be read, and may be a refusal; the work so far is kept. {problems}',
  'end.tightened':
    'the user has changed settings meanwhile by which it must not go on as it began ({settings}); the work so far is kept, and resume_delegation goes on with them',
  'end.threadDeaf':
    'what runs attempts was busy and heard no cancel for {seconds} s, so it was ended; the work up to the last checkpoint is kept, and resume_delegation goes on from there',
  'end.threadEnded':
    'what runs attempts ended unexpectedly ({why}); the work up to the last checkpoint is kept, and resume_delegation goes on from there',
  'end.clientGone': 'the client or the server went away; the work so far is kept',
  'end.checkedOut': '{branch} was checked out meanwhile; it was left alone, and the work is on {keptAt}',
  'end.moved': '{branch} was moved by somebody else meanwhile; it was left alone, and the work is on {keptAt}',
  'end.objectsRefused': 'git refused the objects of the work: {said}. Nothing entered the repository',
  'end.processesLeft': 'processes of a command do not end, though they were killed; what they can change cannot be read',
  'end.checksCannotRun':
    'No check can run here, so nothing would prove the work ({missing}). It was stopped before more is spent. The same call goes on: with this mended, or as it is, without a proof.',
  'end.setUpFailed':
    'the set-up command of your settings failed ({how}), so nothing was asked of the worker: {command}\n{said}\nMend it, or take setupCommand (KIMI_SETUP_COMMAND) out of the settings.',
  'end.setUpFile': '{file} of the setting setupFiles (KIMI_SETUP_FILES) cannot be read, is larger than 1 MB, or lies outside of your home',
  'end.noWorkspace': 'the workspace could not be made: {why}',
  'end.diskFull': 'the disk is full',
  'end.storage': '{said}. The state directory {folder} must be writable and have room; CLAUDE_KIMI_HOME names another one.',
  'end.unexpected': 'unexpected {kind}: {said}',

  'limit.steps':
    'The limit of {steps} steps was reached before the worker finished. What was changed so far is kept: the same call with a higher max_steps goes on, other text on the same branch sets a smaller goal.',
  'limit.time':
    'The time limit of {time} was reached before the worker finished. What was changed so far is kept: other text on the same branch sets a smaller goal; when the user allows more with KIMI_MAX_MINUTES, the same call goes on.',
  'minutes.one': 'one minute',
  'minutes.many': '{count} minutes',
  'limit.context':
    'The context window is full ({detail}). What was changed so far is kept: call again on the same branch with a smaller goal.',
  'limit.context.tokens': 'about {tokens} of {window} tokens',
  'limit.context.bytes': '{bytes} bytes, the API takes {most}',
  'limit.budget':
    'The budget of {budget} {currency} does not cover another step ({spent} {currency} used). What was changed so far is kept: the same call with a higher budget goes on, other text on the same branch sets a smaller goal.',
  'limit.budget.unknownPrice':
    'The budget of {budget} {currency} does not cover another step ({spent} {currency} used). The price of {model} is unknown, so its tokens were counted at the price of kimi-k2.6. What was changed so far is kept: the same call with a higher budget goes on, other text on the same branch sets a smaller goal.',
  'limit.budgetPerDay':
    'The daily budget of {budget} {currency} (KIMI_BUDGET_PER_DAY) for {day} does not cover another step: all attempts on this machine have used {spent} {currency} of it. What was changed so far is kept, and resume_delegation goes on with it tomorrow, or when the daily budget is higher.',

  'loop.sameCall':
    'The worker made the same {tool} call {times} times with the same result. It was stopped before it spent more; what it changed so far is kept.',
  'loop.sameCalls':
    'The worker repeated the same {calls} calls {times} times in turn, with the same results. It was stopped before it spent more; what it changed so far is kept.',
  'loop.failedEdits': '{times} edits in a row failed. It was stopped before it spent more; what it changed so far is kept.',
  'loop.noChange':
    'Nothing in the repository changed during the last {steps} steps. It was stopped before it spent more; what it changed so far is kept.',
  'loop.cutAnswers':
    'The answers of the worker were cut four times in a row, at the output limit or because they only repeated themselves. Split the task into smaller ones.',
  'loop.tooMuchSaid':
    'The conversation of this attempt has become longer than any work needs, through very many or very long tool calls. It was stopped before it filled the disk; what it changed so far is kept.',
  'loop.emptyAnswers':
    'The model gave {times} answers in a row without a tool call that could be run, or a word. Call again, or do it yourself.',

  'warning.otherCurrency':
    'The endpoint bills in another currency than before: what the attempt had cost there is counted at 7 CNY for 1 USD, and the budget is the one of this endpoint.',
  'warning.uncommittedTooLate':
    'include_uncommitted came too late: the attempt that goes on had begun without these changes (see "not seen by the worker")',
  'warning.ignoredFiles':
    'written, but ignored by git, so not on the branch: {files}; if they belong there, ask for names that no ignore rule matches, or for a line in .gitignore that takes the rule back',
  'warning.submoduleAdded': 'new files in the submodule {path} are not on the branch: {files}',
  'warning.submoduleEmpty':
    'the submodule {path} was empty for commands and checks, as it is in your checkout; git submodule update --init -- {path:word} brings its files',
  'warning.filterOff':
    'for commands and checks {files} are as git stores them, since the filter {filter} does not run there; tests that read them may end otherwise than in your checkout',
  'warning.lfsPointers':
    'for commands and checks {files} are only pointers of git-lfs, since their content is not in the local store; git lfs pull brings it',
  'integrity.definition': 'changed, and it decides what {command} does; {what}. Read this diff first',
  'integrity.mayDefine': 'changed, and a file of this kind or in this place may decide how {command} runs; {what}. Read this diff first',
  'definition.fails': "with the base's version the check does not pass ({put})",
  'definition.stopped': "with the base's version the check was stopped ({put}), so nothing shows that the work passes it",
  'definition.notRun': "the check could not be run with the base's version",
  'definition.otherTests': "as changed {now} pass, with the base's version {put}",
  'warning.definitionSame':
    "{command} was run both ways, as {files} was changed to say and with the base's version: {now} and {put}, it passes",
  'warning.definitionBaseTests':
    '{command} passes with {files} and the tests of the base too ({put}); only what was written anew needs the change of {files}',
  'warning.definitionNew': '{files} says what {command} does, which the base did not have: there is nothing to compare with',
  'integrity.oldTests': '{what}{others}. Read what these tests expect now; a task that says they change makes it a note',
  'integrity.rewritten':
    '{command} passes on other files than those of the branch: as it runs it writes {files}, which it did not on the base. Read first what writes there',
  'integrity.newTests':
    'without this new file, {command} does not pass on this work ({put}): {tests}. Read first what it changes for the tests that were there',
  'oldTests.others': '; so it is with {files}',
  'oldTests.fail': 'as the base has it, {command} fails on this work: {tests}',
  'oldTests.doNotLoad':
    'as the base has it, it does not load on this work for {command}: what it uses is gone or called otherwise, so nothing shows that what it tested still holds',
  'oldTests.fewer': 'as the base has it, {command} runs fewer tests on this work: {put} instead of {before}',
  'oldTests.stopped': 'as the base has it, {command} did not end on this work: {put}, so nothing shows that it passes',
  'oldTests.notRun': 'as the base has it, {command} could not be run on this work',
  'warning.oldTestsAsked': '{what}{others}; the task asks for other tests',
  'warning.flaky': '{command} is flaky: failed once ({tests}), passed once on the same files',
  'warning.flakyOnBase': '{command} is flaky on the base: failed once ({tests}), passed once on the same files, so it shows no fix',
  'warning.fewerTests': '{command} runs fewer tests than on the base: {now} instead of {before}',
  'warning.unheeded':
    'this test of the base passes on this work whatever it expects, and on the base it does not: the work puts out of force what tests assert by. Read first what it does to them',
  'warning.onlyRedefined':
    'the new tests pass only with what this work changed of their check, and nothing else shows it: read that change first',
  'warning.testsShowNoBug': 'none of the new tests fails on the base: they do not show the bug',
  'warning.testsPassOnBase': 'none of the new tests fails on the base: they do not show what was added',
  'warning.noTestOfBug': 'no new test fails without the fix: beside the checks nothing shows that the bug is gone',
  'warning.testsCatchNothing': 'the new tests notice none of {count} small faults in lines that they run',
  'warning.testsReadText':
    'the new tests fail where the same code is written otherwise (other blanks, a comment, a statement that does nothing): they look at its text, not at what it does',
  'warning.testsRunNothing': 'the new tests run none of the lines that were looked at in the code that they import',
  'warning.testsNotRun': 'the checks do not run the new tests',
  'warning.ownPackages': 'checked with packages as the worker installed them: {places}',
  'missing.program': '`{command}` could not run: the program {name} is not there',
  'missing.package': '`{command}` could not run: the package {name} is not installed',
  'missing.library': '`{command}` could not run: {name} is not there, which a package of the system brings',
  'missing.browser': '`{command}` could not run: the browser {name} of the test tool is not downloaded',
  'missing.service':
    '`{command}` could not run: nothing answers at port {name}; services of this machine are out of reach for checks, but for what a check starts itself',
  'missing.server':
    '`{command}` could not run ({name}): services of this machine are out of reach for checks, but for what a check starts itself',
  'missing.version': '`{command}` could not run: {name}',
  'missing.sandbox': '`{command}` could not run: {name} (commands are in a sandbox already, where Chromium starts with --no-sandbox only)',
  'missing.outside': '{missing}. To bring it, outside of the checks: `{install}` in {folder}',
  'missing.remedy': '{missing}. To install what the project needs: `{install}` in {folder}, or as the first of the `checks`',
  'missing.linked':
    '{missing}. In your checkout it is a link to {folder}, another project, which commands do not see: install a copy (npm install --install-links {folder}), or go on without this check',
  'missing.install': '`{command}` could not install what it should: {said}',
  'warning.nothingNew': 'nothing new was handed back: tip, files and diff are what {branch} holds from before',
  'warning.baseNotUsed':
    'base {base} was not used: the work on {branch} goes on from where it stood. For another base give a new branch_name',
  'warning.notCarriedOver': '{branch} was moved since: what the attempt before left unfinished was not carried over',

  'lent.files': 'commands and checks had copies of files of your checkout that git ignores: {files}',
  'lent.missed':
    'before any change `{command}` failed and spoke of {files}, which your checkout has and git ignores, so commands and checks did not have it: a .worktreeinclude or the setting includeIgnored (KIMI_INCLUDE_IGNORED) lends what it names',
  'lent.gitFolder':
    "before any change `{command}` failed and spoke of git's own folder: commands and checks see `.git` as a file that names it, as in a linked worktree of git",
  'lent.gitReadOnly':
    "before any change `{command}` failed and wanted to write into git's own folder (a commit, its index or settings), which checks can only read",
  'lent.outside':
    'before any change `{command}` failed and missed {files}, which lies outside of the repository: commands and checks see the repository, what is installed and caches, and nothing else of yours',
  'lent.inOpt':
    'before any change `{command}` failed and missed {files}: of /opt commands and checks see what PATH or another variable names, and what links among the programs of the system lead to; put its folder on PATH where the server is started, or a link to it into /usr/local/bin',
  'lent.setUpBelow':
    'the set-up command ran on {commit}: what came after it is work of a model that is not merged, and would have run with your files of credentials; merge it, or delegate from what is merged, where the set-up needs it',
  'lent.silent': 'commands had nothing of what lies on {mounts}, as that drive does not answer',
  'lent.notFound': 'ignored files of your checkout could not be looked for ({why})',
  'lent.tooMuch': '{left} more ignored files match your patterns than are lent ({files} are); make the patterns narrower',
  'leftOut.nestedRepository': '{file} is a nested git repository and was left out; remove its .git folder to keep its files',
  'leftOut.bareRepository': '{file} looks like a bare git repository (HEAD, objects, refs) and was left out; remove it',
  'leftOut.becameFolder': '{file} is a file in the commit and a folder in the workspace; its entry is unchanged',
  'leftOut.notRegular': '{file} is not a regular file (pipe, socket or device) and was left out; remove it',
  'leftOut.ruleFile':
    '{file}, which git reads for its rules, was a pipe, a device or huge, or had a pattern with more than four **, and was removed',
  'leftOut.tooDeep': '{file} lies in more than {folders} folders within each other and was left out; move or remove it',
  'leftOut.tooLarge': '{file} is larger than {megabytes} MB and was left out; make it smaller or ignore it',
  'leftOut.tooMuch': '{file} was left out: the changes exceed {megabytes} MB together; ignore what is generated',
  'leftOut.refused': '{file} was refused by git and left out ({said}); rename or remove it',
  'leftOut.forbiddenName': '{file} has a name that git forbids and was left out; rename or remove it',
  'leftOut.untried.one': '{file} was left out untried: git refused {refused} other files, too many to try each; mend or remove those first',
  'leftOut.untried.many':
    '{file} and {more} more files were left out untried: git refused {refused} other files, too many to try each; mend or remove those first',
  'leftOut.submoduleLink': '{file} would have changed a submodule link and was left as it was',
  'leftOut.submoduleChanges': 'the submodule {path} is a repository of its own, and what commands changed in it was left out: {files}',
  'leftOut.submoduleFiles':
    'the submodule {path} was empty for commands and checks: its commit {commit} could not be read here; run git submodule update --init -- {path:word}',
  'leftOut.filtered': '{file} was left out: git would store it by the filter {filter}, which does not run here; change it yourself',
  'leftOut.sinceCheckpoint': 'what the last commands changed was left out: {why}',
  'leftOut.more': 'and {more} more paths were left out for such reasons',
} as const;
