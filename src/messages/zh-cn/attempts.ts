import type { attempts as english } from '../en/attempts.ts';

export const attempts = {
  'checks.regressed': '{commands} 在成果上出现了基线上没有的失败。',
  'checks.proved': '{commands} 在成果上通过了。',
  'checks.stillFailing': '{commands} 与基线上一样未通过。',
  'checks.noTests': '{commands} 通过了，但没有运行任何测试。',
  'checks.baseStopped': '{commands} 在成果上通过了，但在基线上被中止，因此不能证明什么。',
  'checks.notStarted':
    '无法运行 {commands}：所需的内容没有安装。请在你的检出目录中安装项目的依赖，然后带 `checks` 再次调用，这些检查会在这份成果上运行。',
  'checks.onlyInstalled': '{commands} 只安装软件包，没有测试任何内容',
  'checks.noneRun': '没有运行任何检查。',
  'checks.noneGiven': '没有指定检查，因此成果未经验证',

  'end.noChanges': '执行者结束时没有改动任何文件',
  'end.warnings.one': '有 1 条必须阅读的警告，见下文',
  'end.warnings.many': '有 {count} 条必须阅读的警告，见下文',
  'end.cancelled': '尝试已取消；已有的改动会保留，可以继续执行。',
  'end.callCancelled': '调用已取消；已有的成果会保留',
  'end.cancelDelegation': '委派已被取消；已有的成果会保留',
  'end.clientGone': '客户端或服务器已退出；已有的成果会保留',
  'end.checkedOut': '{branch} 在此期间被检出；该分支未被改动，成果位于 {keptAt}',
  'end.moved': '{branch} 在此期间被他人移动；该分支未被改动，成果位于 {keptAt}',
  'end.objectsRefused': 'git 拒绝了成果中的对象：{said}。没有任何内容进入仓库',
  'end.processesLeft': '某条命令的进程已被终止却没有结束；它们可能改动的内容无法读取',
  'end.noWorkspace': '无法建立工作区：{why}',
  'end.diskFull': '磁盘已满',
  'end.storage': '{said}。状态目录 {folder} 必须可写并有剩余空间；可以用 CLAUDE_KIMI_HOME 指定其他目录。',
  'end.unexpected': '意外错误（{kind}）：{said}',

  'limit.steps':
    '执行者未完成就达到了 {steps} 步的上限。已有的改动会保留：提高步数上限（max_steps）后以同样的任务再次委派即可继续；也可以在同一分支上用新的文字缩小目标。',
  'limit.time':
    '执行者未完成就达到了 {time}的时间上限。已有的改动会保留：可以在同一分支上用新的文字缩小目标；通过 KIMI_MAX_MINUTES 放宽上限后，以同样的任务再次委派即可继续。',
  'minutes.one': '1 分钟',
  'minutes.many': '{count} 分钟',
  'limit.context': '上下文窗口已满（{detail}）。已有的改动会保留：请缩小目标，在同一分支上再次委派。',
  'limit.context.tokens': '约 {tokens} 个 token，窗口为 {window} 个',
  'limit.context.bytes': '{bytes} 字节，接口最多接受 {most} 字节',
  'limit.budget':
    '{budget} {currency} 的预算不足以再执行一步（已用 {spent} {currency}）。已有的改动会保留：提高预算后以同样的任务再次委派即可继续；也可以在同一分支上用新的文字缩小目标。',
  'limit.budget.unknownPrice':
    '{budget} {currency} 的预算不足以再执行一步（已用 {spent} {currency}）。{model} 的价格未知，因此按 kimi-k2.6 的价格计算。已有的改动会保留：提高预算后以同样的任务再次委派即可继续；也可以在同一分支上用新的文字缩小目标。',
  'limit.budgetPerDay':
    '{day} 的每日预算 {budget} {currency}（KIMI_BUDGET_PER_DAY）不足以再执行一步：本机的所有尝试已用去 {spent} {currency}。已有的改动会保留，明天或提高每日预算后可以继续执行。',

  'loop.sameCall': '执行者把同样的 {tool} 调用做了 {times} 次，结果都一样。为避免更多花费已将其停止；已有的改动会保留。',
  'loop.sameCalls': '执行者把同样的 {calls} 个调用轮流重复了 {times} 遍，结果都一样。为避免更多花费已将其停止；已有的改动会保留。',
  'loop.failedEdits': '连续 {times} 次编辑失败。为避免更多花费已将其停止；已有的改动会保留。',
  'loop.noChange': '最近 {steps} 步没有改动仓库中的任何内容。为避免更多花费已将其停止；已有的改动会保留。',
  'loop.cutAnswers': '执行者的回答连续四次因达到输出上限或只是重复自身而被截断。请把任务拆成更小的任务。',
  'loop.emptyAnswers': '模型连续 {times} 次没有给出可执行的工具调用，也没有文字。请再次委派，或自行完成。',

  'warning.outOfScope': '{file}：有改动，但不在范围内',
  'warning.otherCurrency': '接口的计费货币与之前不同：此前的花费按 1 USD 折合 7 CNY 计算，预算以当前接口为准。',
  'warning.uncommittedTooLate': 'include_uncommitted 来得太晚：继续执行的尝试开始时并没有这些更改（见“执行者看不到的文件”）',
  'warning.ignoredFiles':
    '已写入但被 git 忽略，因此不在分支上：{files}；如需纳入，请要求改用不被忽略的文件名，或在 .gitignore 中加一行取消该规则',
  'warning.ownPackages': '检查所用的依赖是执行者安装的：{places}',
  'missing.program': '`{command}` 无法运行：找不到程序 {name}',
  'missing.package': '`{command}` 无法运行：没有安装软件包 {name}',
  'missing.browser': '`{command}` 无法运行：测试工具所用的浏览器 {name} 没有下载',
  'missing.service': '`{command}` 无法运行：端口 {name} 无人应答；检查无法访问这台机器上的服务',
  'missing.version': '`{command}` 无法运行：{name}',
  'missing.remedy': '{missing}。要安装项目所需的内容，请在 {folder} 中运行 `{install}`，或把它作为 `checks` 的第一项',
  'warning.nothingNew': '没有交回新的内容：提交、文件和差异都是 {branch} 上原有的',
  'warning.baseNotUsed': '没有使用基线 {base}：{branch} 上的工作从原处继续。如需其他基线，请换一个新的分支名',
  'warning.notCarriedOver': '{branch} 在此之后被移动：上一次尝试未完成的内容没有带过来',

  'leftOut.nestedRepository': '{file} 是嵌套的 git 仓库，未包含在内；如需保留其中的文件，请删除它的 .git 文件夹',
  'leftOut.bareRepository': '{file} 看起来是裸 git 仓库（HEAD、objects、refs），未包含在内；请将其删除',
  'leftOut.becameFolder': '{file} 在提交中是文件，在工作区中却是文件夹；提交中的条目未变',
  'leftOut.notRegular': '{file} 不是普通文件（而是管道、套接字或设备），未包含在内；请将其删除',
  'leftOut.ruleFile': '{file} 是 git 读取规则的文件，却是管道、设备或过大，已被删除',
  'leftOut.tooLarge': '{file} 超过 {megabytes} MB，未包含在内；请将其缩小或忽略',
  'leftOut.tooMuch': '{file} 未包含在内：所有更改合计超过 {megabytes} MB；请忽略自动生成的文件',
  'leftOut.refused': '{file} 被 git 拒绝，未包含在内（{said}）；请改名或删除',
  'leftOut.forbiddenName': '{file} 的名称是 git 禁止的，未包含在内；请改名或删除',
  'leftOut.untried.one': '{file} 未经尝试就没有包含在内：git 已拒绝了另外 {refused} 个文件，无法逐个尝试；请先修正或删除那些文件',
  'leftOut.untried.many':
    '{file} 等文件（另有 {more} 个）未经尝试就没有包含在内：git 已拒绝了另外 {refused} 个文件，无法逐个尝试；请先修正或删除那些文件',
  'leftOut.submoduleLink': '{file} 会改变子模块的链接，因此保持原样',
  'leftOut.sinceCheckpoint': '最后几条命令所做的改动未被纳入：{why}',
  'leftOut.more': '另有 {more} 个路径因同样的原因未包含在内',
} satisfies Record<keyof typeof english, string>;
