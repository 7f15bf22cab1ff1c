import type { calls as english } from '../en/calls.ts';

export const calls = {
  'call.arguments': '{problems}。{tool} 需要 {required}。',
  'call.busy': '{branch} 上的第 {attempt} 次尝试自 {since} 起正在运行（进程 {pid}），不会受到干扰。',
  'state.newer':
    '{folder} 由更新版本的 claude-kimi-mcp 写入（格式 {version}），因此当前版本不会改动它。请更新当前版本并重启其客户端，或使用其他分支名。没有改动任何内容。',
  'call.attemptsUsed':
    '成果及其修正都未被接受：{branch} 上的 {most} 次尝试已用去 {used} 次。最后的状态保留在分支上；这次调用没有产生费用。',
  'call.recheckMoved':
    '其他检查只能在交回时的成果（{tip}）上运行，而 {branch} 在此之后有了变动。请自行运行检查，或不带检查再次委派以查看已有的报告。',
  'call.baseGone':
    '{branch} 上的尝试开始时所用的提交 {commit} 已不存在，因此无法继续。请在此分支上用新的文字再次委派以重新开始，或丢弃该委派。',
  'call.ownBranchCheckedOut': '{branch} 已在 {folder} 检出（或正在变基）。请在该处切换到其他分支（git switch -），然后再次委派。',
  'call.baseUnknown': '基线 {base} 不是 {repository} 中的提交。请给出提交、分支或标签，或留空以使用 HEAD。',
  'call.baseOfExisting': '{branch} 已经存在，会从其当前提交（{tip}）继续，因此不能从 {base} 开始。请不要指定基线，或换一个新的分支名。',
  'call.uncommittedNotAtHead':
    'include_uncommitted 只适用于从 HEAD 开始的工作，而这项工作从 {commit} 开始：执行者看不到 {files}。如果它们无关紧要，请不带此参数再次委派；否则请先提交它们，并换一个新的分支名。',
  'call.uncommittedNamed': '任务提到的文件含有未提交的更改，执行者看不到它们：{files}。请先提交这些更改。',
  'call.uncommittedNamedElsewhere':
    '任务提到的文件含有未提交的更改，执行者看不到它们：{files}。请先提交或储藏这些更改，或在任务中直接说明其内容而不提文件名。',

  'resume.nothing': '{branch} 上没有可以继续的工作：没有被取消或中断的尝试。请重新委派任务。',
  'resume.timeLimit': '{branch} 上没有可以继续的工作：这次尝试已达到 {minutes} 分钟的时间上限。通过 KIMI_MAX_MINUTES 放宽上限后即可继续。',
  'resume.stepLimit': '{branch} 上没有可以继续的工作：这次尝试已达到 {steps} 步的上限。提高步数上限（max_steps）后即可继续。',
  'resume.budget': '{branch} 上没有可以继续的工作：这次尝试已用完预算。提高预算后即可继续。',

  'consent.denied': '用户不允许将此仓库的代码发送给 Kimi（VS Code 设置 claudeKimi.repositories）。',
  'consent.deniedHere': '用户不允许将此仓库的代码发送给 Kimi（{from}）。',
  'consent.openHere':
    '用户尚未允许将此仓库的代码发送给 Kimi（{from} 为 ask）。如要允许，请运行：{cli} setup --repositories allow --repo {folder:word}',
  'consent.silent': '{window} 没有回应，无法得知用户在那里拒绝了什么、哪些内容不得发送。请重试；如果仍然不行，请用户重新加载或关闭该窗口。',
  'consent.open': '用户尚未回答是否可以将此仓库的代码发送给 Kimi：{window} 正在询问。回答保存在设置 claudeKimi.repositories 中。',

  'outside.foreignObjects':
    '{repository} 中的内容也来自 {folder}，该处不在此客户端的工作文件夹内，其内容会一并发送。如果这是你的本意，请将 {folder} 加入 KIMI_DIRECTORIES。',
  'outside.gitFolder':
    '{pointer} 指向 {repository}，该处不知道 {folder}，并且属于另一个工作目录，或不在此客户端的工作文件夹内。如果它是移动过的关联工作目录，请在那里运行 `git worktree repair`；否则，如果这是你的本意，请将 {repository} 加入 KIMI_DIRECTORIES。',
  'outside.repository': '{repository} 不在此客户端的工作文件夹内（{folders}）。请在客户端中打开它，或将其加入 KIMI_DIRECTORIES。',
  'outside.noFolders': '无',

  'setup.broken': '目前无法委派给 Kimi：{why}',

  'call.commentFile': '反馈中有一条对 {file} 的评论，但分支上没有该文件。是指 {files} 吗？请用从根目录起的路径指明文件。',
  'call.commentLine': '反馈中有一条对 {place} 的评论，但 {file} 在分支上只有 {lines} 行。请给出分支上的行号（delegation_diff 会显示）。',
  'call.commentNoText': '反馈中有一条对 {file} 某一行的评论，但它在分支上不是文本。请只说明该文件应如何更改，不带行号。',

  'merge.done': '已将 {files}合并到 {into}，提交为 {commit}；{branch}。撤销：git reset --keep {before}',
  'merge.doneBefore': '在此次调用之前，{files}已合并到 {into}，提交为 {commit}；{branch}。',
  'merge.preview': '合并会在 {into} 上更改 {files}，没有冲突：{names}。尚未做任何更改。',
  'merge.applied': '已在 {into} 上更改并暂存 {files}，尚未提交：{names}。{branch} 会保留，直到合并或放弃。撤销：{undo}',
  'merge.partDone':
    '已将 {files}合并到 {into}，提交为 {commit}：{names}；其余更改留在 {branch}，可以合并或放弃。撤销：git reset --keep {before}',
  'merge.partOnly': '只取部分文件或行时，可以合成一个提交或直接应用；合并提交和快进总是取整个分支。',
  'merge.notChanged': '这项工作没有更改 {paths}。它更改了 {files}。',
  'merge.partOf': '{file}（第 {lines} 行）',
  'merge.hunkRemoved': '{line} 之后的删除',
  'merge.noHunk': '{file} 没有触及第 {lines} 行的更改。按分支上的行号，它的更改在第 {hunks} 行：请指定其中的行，或只写文件名以取全部。',
  'merge.partNew': '{file} 是分支上的新文件，只能整个取用：请只写文件名，不带行号。',
  'merge.partDeleted': '{file} 在分支上已删除，只能整个取用：请只写文件名，不带行号。',
  'merge.partNoText': '{file} 不是文本（二进制、链接、子模块、由 git-lfs 保存或非常大），只能整个取用：请只写文件名，不带行号。',
  'merge.partSame': '{file} 没有任何一行更改，只有模式或名称变了：请只写文件名，不带行号。',
  'merge.cancelled': '合并已在任何改动之前取消。未做任何更改。',
  'merge.noChecks': '不知道 {branch} 的任何检查，无法在合并后的文件上运行。请不带检查合并，或合并后自行运行测试。未做任何更改。',
  'merge.checked': '已在合并后的文件上检查：{commands}。',
  'merge.checkFails':
    '{command} 在当前检出的内容上通过，在合并后的文件上失败：{how}。未做任何更改。请在同一分支上以此为反馈重试，或不带检查合并。',
  'merge.checkNotRun': '本机缺少所需内容，{commands} 无法在合并后的文件上运行。未做任何更改。请先安装，或不带检查合并。',
  'merge.noTree': '缺少对象。',
  'merge.hooksCannotRun': '你的钩子无法运行：{why} 未做任何更改。如要跳过钩子：skip_hooks（终端中为 --no-verify）。',
  'merge.hookFails':
    '你的钩子 {hook} 在沙箱中对合并后的文件运行，未通过（{how}）：{said} 未做任何更改。请在分支上改正。若只是沙箱中缺少所需内容：请用 apply 取用后自行提交，或跳过钩子合并：skip_hooks（终端中为 --no-verify）。',
  'merge.hookRewrites':
    '你的钩子会改写 {files}，而合并的应是评审过的内容。未做任何更改。请用 apply 取用后自行提交，由钩子在那里改写；或跳过钩子合并：skip_hooks（终端中为 --no-verify）。',
  'merge.hookEmptyMessage': '你的钩子没有留下提交说明。未做任何更改。如要跳过钩子：skip_hooks（终端中为 --no-verify）。',
  'merge.hookLeft': '你的钩子还产生了 {files}，未予取用。',
  'merge.hooksNotRun': '你的钩子 {hooks} 没有运行，因为分支更改了它们加载的内容：{files}。',
  'merge.hookLater': '你的钩子 {hook} 没有运行：git hook run {hook}。',
  'merge.noFastForward': '当前分支有这项工作不包含的提交，无法快进。请合成一个提交（squash），或生成合并提交。',
  'merge.notSigned': 'git 无法按 commit.gpgSign 的要求为提交签名：{said}。未做任何更改。请解锁密钥（或修正 gpg 的设置），然后重新合并。',
  'merge.filesOne': '1 个文件',
  'merge.filesMany': '{count} 个文件',
  'merge.branchFound': '{branch} 原本就存在，予以保留',
  'merge.branchAside': '{branch} 已收起（可以恢复）',
  'merge.branchStays': '{branch} 予以保留：{why}',
  'merge.notNoted': '{what}（等 {folder} 可以写入时再记录此事：{said}）',
  'merge.noBranch': '没有可合并的内容：不存在带有 {branch} 成果的分支。',
  'merge.tipMoved': '{branch} 现在位于 {tip}，而不是 {expected}。请先查看新增的内容，然后再合并。',
  'merge.ownBranch': '{branch} 自身已被检出。请切换到要合并到的分支，然后再合并。',
  'merge.otherHead': '现在检出的是 {head}，而不是 {wanted}。请切换到 {wanted}，或合并到 {head}。',
  'merge.headElsewhere': '{wanted} 检出在 {folder}，此处检出的是 {head}。请在那里合并（repo_path：{folder}），或合并到 {head}。',
  'merge.unfinished.merge': '{folder} 中有未完成的合并。请先完成或中止它，然后再次合并。',
  'merge.unfinished.rebase': '{folder} 中有未完成的变基。请先完成或中止它，然后再次合并。',
  'merge.unfinished.cherryPick': '{folder} 中有未完成的拣选（cherry-pick）。请先完成或中止它，然后再次合并。',
  'merge.unfinished.revert': '{folder} 中有未完成的还原（revert）。请先完成或中止它，然后再次合并。',
  'merge.nothingNew': '没有可合并的内容：HEAD 已包含这些更改。',
  'merge.uncommitted': '{files} 中未提交的更改会被覆盖。请先提交或储藏，然后再次合并。没有改动任何内容。',
  'merge.untracked': '{files} 会被覆盖：你的工作目录中该处的内容不受 git 跟踪。请先将其移走，然后再次合并。没有改动任何内容。',
  'merge.locked':
    '{folder} 中有另一个 git 命令正在运行，或某个被中止的命令留下了锁（{locks}）。请等待它结束；若没有 git 在运行，请删除该锁，然后重新合并。没有任何改动。',
  'merge.filter':
    '你的 git 配置中的一个内容过滤器在处理分支带来的内容时失败（{said}）。请修复该过滤器（在 Linux 上它只能写入仓库、git-lfs 的存储和 TMPDIR），或让分支改正（对于 git-lfs：每个指针的对象必须存在），然后重新合并。没有任何改动。',
  'merge.changedMeanwhile': '合并期间 {file} 被其他人改动。合并已撤回：请重新合并。',
  'merge.otherFileSystem':
    '{file} 与检出的其余部分不在同一文件系统上，因此合并无法做到要么全部完成、要么毫无改动。请手动合并：git merge。没有任何改动。',
  'merge.unresolved': '{files} 中的冲突尚未解决。请解决（git add）或撤回，然后重新合并。没有任何改动。',
  'merge.overlooked':
    '{files} 将被覆盖：它们与 HEAD 不同，而 git 被要求忽略这一点（skip-worktree 或 assume-unchanged）。请用 git update-index --no-skip-worktree --no-assume-unchanged 加文件名让 git 看到它们，提交或贮藏后重新合并。没有任何改动。',
  'merge.submodule': '{files} 的位置上是一个子模块。请先手动移除该子模块（git rm），然后重新合并。没有任何改动。',
  'merge.collision':
    '在此文件系统上，{files} 会与另一个仅大小写不同的文件成为同一个文件。请让分支重命名其中之一，然后重新合并。没有任何改动。',
  'merge.failed': '{why} 检出的文件保持原样。',
  'merge.broken':
    '一次中途中断的合并无法在 {folder} 中撤回（{said}）。它移开的内容在 {kept} 中。请解决该问题后重试：下一次使用该仓库时会将其完成。',
  'merge.headMoved': '合并期间 HEAD 发生了移动；未做任何更改。请再次合并。',
  'merge.conflict': '{files} 与 {head}（{commit}）上的内容冲突。请用“附反馈重试”说明冲突，或手动合并：git merge {tip}{drivers}',
  'merge.driversOff': '（只由仓库配置指定的合并程序不会在这里运行：{drivers}）',

  'decide.threadDeaf':
    '执行合并与丢弃的线程忙碌，{seconds} 秒内没有响应取消，因此被结束。合并要么完整完成，要么没有发生：get_delegation 会说明是哪一种。',
  'decide.threadEnded':
    '执行合并与丢弃的线程意外结束（{why}）。合并要么完整完成，要么没有发生：get_delegation 会说明是哪一种；然后再次调用。',
  'decide.running': '{branch} 上有一次尝试正在运行（自 {since} 起）。请先取消它，或等待它结束。',
  'decide.unknown': '{branch} 不是此仓库的委派。',
  'discard.workedOn': '{branch} 在此期间有了新的进展。请先查看结果，然后再决定。',
  'discard.tipMoved': '{branch} 现在位于 {tip}，而不是 {expected}。请先查看新增的内容，然后再决定。',
  'discard.unfinished': '{branch} 上未完成的工作已收起，可以恢复',
  'discard.deleted': '{branch} 已删除；其提交 {tip} 会保留，可以恢复',
  'discard.deletedMergeStays': '{branch} 已删除；其提交 {tip} 予以保留，合并保持不变，restore_delegation 可以恢复该分支',
  'discard.already': '{branch} 已经丢弃；restore_delegation 可以恢复它。',
  'discard.merged': '{branch} 已经合并，没有可丢弃的内容。',
  'discard.rewritten': '{branch} 保留在 {tip}：委派开始时它位于 {found}，此后已被改写。请手动去掉其中不需要的内容',
  'discard.takenBack': '{branch} 已退回到委派开始时的 {found}；提交 {tip} 会保留，可以恢复',
  'merge.wouldStash': '你在 {files} 中未提交的更改会先被贮藏（stash），合并后再放回。',
  'merge.stashed': '你在 {files} 中未提交的更改曾被贮藏，现已放回。',
  'merge.stashKept': '你在 {files} 中未提交的更改与合并进来的内容有冲突：文件中同时显示双方，贮藏中也保留着你的更改（git stash list）。',
  'merge.stashOnly':
    '你在 {files} 中未提交的更改未能放回：它们全部保留在贮藏中（git stash list）。如果磁盘已满请先腾出空间，然后用 git stash pop 放回。',
  'undoMerge.notMerged': '{branch} 没有合并，因此没有合并可撤销。',
  'undoMerge.unknown':
    '没有记录 {branch} 的合并 {commit} 之前 HEAD 的位置。请用 git reflog 找到它，然后手动撤销：git reset --keep <commit>',
  'undoMerge.otherHead': '当前检出的是 {head}，而合并进了 {into}。请切换到 {into} 再撤销。',
  'undoMerge.builtOn':
    '{into} 在合并 {commit} 之后又有了提交，因此合并保留。要去掉它带来的更改而保留之后的提交：git revert {commit}（合并提交则用 git revert -m 1 {commit}）',
  'undoMerge.gone': '{into} 中已没有合并 {commit}，无可撤销。',
  'undoMerge.shared':
    '合并 {commit} 也在 {refs} 中，因此不能只让 {into} 退回。可以再加一个提交去掉它带来的更改：git revert {commit}（合并提交则用 git revert -m 1 {commit}）',
  'undoMerge.inTheWay': '{files} 中未提交的更改会被覆盖。请先提交或贮藏，再撤销合并。',
  'undoMerge.done': '已撤销合并 {commit}：{into} 回到 {before}，{branch} 重新开放',
  'restore.undecided': '{branch} 既未丢弃也未合并，没有可以恢复的内容。',
  'restore.alreadyBack': '{branch} 已经恢复，无需再次恢复。',
  'restore.open': '{branch} 上的委派已重新打开',
  'restore.done': '{branch} 已恢复到 {tip}',
  'restore.doneMergeStays': '{branch} 已恢复到 {tip}；合并保持不变',
  'branch.checkedOut': '{branch} 已在 {folder} 检出。请先在该处切换到其他分支。',
  'branch.moved': '{branch} 已不在 {tip}。请查看新增的内容（git log {branch:word}），然后再决定。',
  'branch.movedSince':
    '{branch} 在退回到 {back} 之后又有变动，或提交 {tip} 已不存在，因此未作改动。可以用另一个名称查看这项工作：git branch NAME {commit}',
  'branch.notRestored': '无法恢复 {branch}：该名称已被占用，或提交 {tip} 已不存在。请将另一个分支改名（git branch -m），然后再次恢复。',
} satisfies Record<keyof typeof english, string>;
