import type { repositories as english } from '../en/repositories.ts';

export const repositories = {
  'repo.nulInPath': '仓库路径含有 NUL 字符；请给出仓库的绝对路径',
  'repo.relativePath': '仓库路径必须是绝对路径，而“{path}”不是；请给出仓库的完整路径',
  'repo.noSuchFolder': '仓库路径 {path} 不存在；请给出已有仓库的路径',
  'repo.isFile': '仓库路径 {path} 是文件；请给出仓库所在的文件夹',
  'repo.lineBreakInPath': '仓库路径含有换行，git 无法正确报告；请将仓库移到其他文件夹',
  'repo.insideGitFolder': '{folder} 位于 .git 文件夹内；请给出工作目录的文件夹',
  'repo.bare': '{folder} 是裸仓库，没有工作目录；请使用它的克隆或工作树',
  'repo.oddFile':
    '{file} 是管道、设备、过大的文件或经由 /proc 到达，或包含数百个其他文件，或含有超过四个 ** 的模式，git 处理它将没有尽头，或到达别处。请修正或删除它，然后重试。',
  'repo.oddBorrowing':
    '{file} 指定对象文件夹的方式无法像 git 那样跟踪：有的行不是普通路径，或超过 500 行，或嵌套过深。请修正或删除它，然后重试。',
  'repo.linkOut': '{file} 是指向 git 文件夹之外的链接，git 会写入它所指向的位置。请删除该链接，然后重试。',
  'repo.oddName':
    '{folder} 的 git 配置以 {key} 为名指定了一个程序，该名称不是 UTF-8，无法阻止 git 运行它。请重命名或删除该配置节，然后重试。',
  'repo.otherWorkTree':
    '{folder} 的仓库配置把 {root} 指定为工作目录，但那里没有指回 {gitDir} 的 .git。请从该配置中删除 core.worktree，或用 git init --separate-git-dir 建立仓库。',
  'repo.noWorkingTree': '{folder} 不在工作目录内：{said}',
  'repo.noCommits': '{folder} 的仓库还没有提交；请先完成首次提交，然后重试',
  'repo.namesake':
    '予以保留：{repository} 的 {branch} 是别处没有的成果，而另一个仓库也有同名的分支。请在该仓库中指明它；如果该仓库已不存在，请删除 {folder}。',
  'repo.foreignOwner': '{folder} 属于另一个用户，Git 不信任它；请运行：git config --global --add safe.directory {folder:word}',
  'repo.none': '{folder} 不在 Git 仓库中；请选择一个仓库，或在该处运行 git init 并完成首次提交',
  'repo.unreadable': 'git 无法读取 {folder}：{said}',
  'repo.newerFormat': '找到的 git 太旧，读不了 {folder} 的仓库（它需要 {what}）：请安装更新的版本（refstorage，即 reftable，需要 2.45）',
  'git.missing': '在 {folders} 中没有找到 git：请在该处安装 git {oldest} 或更新的版本',
  'git.tooOld': 'git {version}（{program}）版本过旧：请安装 git {oldest} 或更新的版本',
  'git.notWorking': '{program} 没有报告版本（{said}）：请安装 git {oldest} 或更新的版本',
  'git.saidNothing': '未说明原因',
  'git.objectsMissing':
    '{commit} 的 git 对象缺失或损坏（{said}）；在部分克隆中请运行：git checkout HEAD -- .；否则请运行 git fetch、git fsck',
  'git.filesStay': '工作区中有文件无法删除（{said}）；请丢弃该委派，然后重新开始',
  'git.someRepository': '该仓库',
  'git.locked':
    '{folder} 中有另一个 git 命令正在运行，或某个被中止的命令留下了锁（{said}）。请等待它结束；若没有 git 在运行，请删除该锁文件，然后重试。',
  'git.full': '{folder} 所在的磁盘空间已满（{said}）。请腾出空间后重试。',
  'git.readOnly': '{folder} 所在的文件系统不可写（{said}）。请使其可写后重试。',
  'git.notAllowed': '你的用户无权在 {folder} 中执行此操作（{said}）。请更正其中所指项目的所有者或权限，然后重试。',
  'git.tooManyOpen': '同时打开的文件过多（{said}）。请关闭一些程序或提高限制（ulimit -n），然后重试。',
  'git.deviceFails': '{folder} 所在的磁盘出现故障（{said}）。请先备份，再检查磁盘。',
  'git.foreignOwner': '{folder} 属于另一个用户，git 不信任它；请运行：git config --global --add safe.directory {folder:word}',
  'git.vanished': 'git 在 {folder} 中需要的内容不见了（{said}）。请确认该文件夹仍然存在且是仓库（git status），然后重试。',
  'git.newerFormat': '此处的 git 版本过旧，无法识别 {folder} 的仓库格式（{said}）。请安装更新的 git，然后重试。',
  'git.badConfig': 'git 无法读取 {folder} 的配置（{said}）。请更正其中所指的内容（git config --list --show-origin），然后重试。',
  'git.damaged': '{folder} 的仓库中有对象或索引缺失或损坏（{said}）。请用 git fsck 检查；git fetch 或重新克隆可以找回对象。',
  'git.killed': 'git 在 {folder} 中工作时被外部终止（{said}），可能是内存不足。请重试。',
  'git.filterFailed':
    '你的 git 配置中的一个内容过滤器在 {folder} 中失败（{said}）。请修复该过滤器（对于 git-lfs：git lfs pull），然后重试。',
  'git.tooLong':
    'git {command} 在 {seconds} 秒内没有结束，已被终止。原因可能是磁盘没有响应，或本应是文件的位置是一个管道。请在该仓库中用 git status 检查，然后重试。',
  'git.tooMuch': 'git {command} 的输出超过 {megabytes} MB，已被终止：数据量太大，无法处理。请缩小任务或仓库。',
  'git.tooMuchMemory':
    'git {command} 占用的内存超过 {megabytes} MB，已被终止：两边都改动了一个行数极多的巨大文件，数据量太大，无法处理。请手动合并（git merge），或缩小任务。',
  'git.unwanted': '调用被取消后 git 仍在运行，已被终止',
  'git.notConfined': 'git 无法在其外围的沙箱中启动（{said}），因此什么也没有做。原因可能是程序太多或内存不足：请重试。',
  'git.failed': 'git 未能在 {folder} 中完成工作：{said}。请在那里用 git status 和 git fsck 检查，然后重试。',

  'branchName.empty': '分支名 {name} 为空；请填写名称，例如 "kimi/fix-login"',
  'branchName.notText': '分支名 {name} 不是有效的文字；请使用字母、数字、“-”、“_”和“/”',
  'branchName.tooLong': '分支名 {name} 超过 {bytes} 个字节；请使用更短的名称',
  'branchName.space': '分支名 {name} 含有空格、换行或控制字符；请改用“-”',
  'branchName.invisible': '分支名 {name} 含有不可见或改变文字方向的字符；请去掉它们',
  'branchName.dash': '分支名 {name} 以“-”开头，Git 会把它当作选项；请以字母开头',
  'branchName.fullRef': '分支名 {name} 像完整的引用；请只填写分支名，不带 refs/ 或 heads/',
  'branchName.gitRef': '分支名 {name} 是 Git 自己使用的名称；请换一个',
  'branchName.commitId': '分支名 {name} 像提交 ID；请换一个名称',
  'branchName.forbidden': '分支名 {name} 含有 Git 禁止的字符 ~ ^ : ? * [ \\；请去掉它们',
  'branchName.dotsOrAt': '分支名 {name} 含有 Git 禁止的“..”或“@{”；请去掉它们',
  'branchName.emptyPart': '分支名 {name} 的斜杠之间有空段；请去掉多余的“/”',
  'branchName.dot': '分支名 {name} 有以“.”开头或结尾的部分；请去掉这个点',
  'branchName.lock': '分支名 {name} 有以“.lock”结尾的部分，Git 不允许；请换一个结尾',
  'branchName.default': '分支名 {name} 是此仓库的默认分支；请换一个新名称，例如 "{proposal}"',
  'branchName.protected': '分支名 {name} 受保护；请换一个新名称，例如 "{proposal}"',
  'branchName.checkedOut': '分支 {name} 已在 {folder} 检出（或正在变基）；请换一个名称，例如 "{proposal}"',
  'branchName.symbolic': '分支 {name} 是 "{target}" 的别名（符号引用），移动它就会移动后者；请换一个名称，例如 "{proposal}"',
  'branchName.beside': '分支名 {name} 与已有的分支 "{existing}" 冲突；请换一个名称，例如 "{proposal}"',
} satisfies Record<keyof typeof english, string>;
