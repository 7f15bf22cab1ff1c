import type { machine as english } from '../en/set-up.ts';

export const machine = {
  'setting.wrong': '{origin} 中的 {setting} 为 {value}；允许的值：{allowed}。',
  'setting.notUsed': '{origin} 中的 {setting} 不会使用：密钥来自 {keyOrigin}，接口地址也必须来自该处。',
  'setting.unreadable': '无法读取 {file}（{code}）。请将其改为可读的文件，或将其移除。',
  'setting.from': '{origin} 中的 {setting}',
  'setting.key': '密钥',
  'origin.call': '这次调用',
  'origin.environment': '服务器的环境变量',
  'origin.window': '打开了 {folder} 的 VS Code 窗口',
  'origin.default': '默认值',
  'allowed.key': 'Kimi 开放平台的密钥，8 到 512 个字符，不含空格',
  'allowed.url': 'https 地址（http 仅限本机或专用网络）',
  'allowed.model': '模型名称',
  'allowed.integer': '{low} 到 {high} 的整数',
  'allowed.amount': '大于 0 的金额，以接口计费的货币为单位',
  'allowed.prices': '每百万 token 的价格：缓存命中/输入/输出，例如 0.16/0.95/4',
  'allowed.tokens': '{low} 到 {high} 个 token',
  'allowed.kilobytes': '{low} 到 {high} KB',
  'allowed.seconds': '{low} 到 {high} 秒',
  'allowed.secondsOrEnd': '秒数，0 = 等到结束',
  'allowed.either': '{first} 或 {last}',
  'allowed.path': '绝对路径',
  'allowed.paths': '绝对路径，以 {divider} 分隔',
  'allowed.hosts': '主机名，例如 registry.npmjs.org 或 *.example.org，以逗号分隔',
  'allowed.repositories': 'allow、ask 或 deny，或以 JSON 写出的文件夹与这些词',
  'allowed.branches': '分支名或模式，例如 release/*，以逗号分隔',
  'allowed.commands': '最多 {most} 条命令，每行一条',

  'sandbox.missing':
    '沙箱程序 bubblewrap 未安装：请安装它（`sudo apt install bubblewrap socat`、`sudo dnf install bubblewrap socat` 或 `sudo pacman -S bubblewrap socat`），或允许命令不使用沙箱运行（设置 claudeKimi.sandbox，或 KIMI_SANDBOX=unsandboxed）。',
  'sandbox.notStarting':
    '沙箱程序 {program} 无法启动（{said}）：请安装它（`sudo apt install bubblewrap socat`、`sudo dnf install bubblewrap socat` 或 `sudo pacman -S bubblewrap socat`），或允许命令不使用沙箱运行（设置 claudeKimi.sandbox，或 KIMI_SANDBOX=unsandboxed）。',
  'sandbox.refused':
    '此系统不允许运行沙箱程序 {program}（{said}）：{remedy}，或允许命令不使用沙箱运行（设置 claudeKimi.sandbox，或 KIMI_SANDBOX=unsandboxed）。',
  'sandbox.noPlatform':
    '{platform} 上还没有沙箱：请使用 Linux 或 WSL 2，或允许命令不使用沙箱运行（设置 claudeKimi.sandbox，或 KIMI_SANDBOX=unsandboxed）。',
  'sandbox.systemFolder': '位于 {folder} 的仓库无法放入沙箱：请将其移到单独的文件夹。',
  'sandbox.allowNamespaces.appArmor':
    '请允许用户命名空间（`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`，或为 bwrap 配置 AppArmor）',
  'sandbox.allowNamespaces': '请允许用户命名空间（`sudo sysctl -w {setting}`）',
  'sandbox.allowNamespaces.container':
    '请允许用户命名空间；若在容器中，请用 `--security-opt seccomp=unconfined --security-opt systempaths=unconfined` 启动',

  'claude.notAtPath': '{path} 处没有程序。请更正设置 claudeKimi.claudePath（终端中为 KIMI_CLAUDE_PATH），或将其留空以自动查找。',
  'claude.notFound':
    '未找到 Claude Code：PATH、常用文件夹和登录 shell 中都没有。请安装它（https://code.claude.com），或将其程序路径填入设置 claudeKimi.claudePath（终端中为 KIMI_CLAUDE_PATH）。',
  'claude.commandFailed': '{command} 失败：{said}',
  'claude.notRegistered': 'Claude Code 接受了命令，但 {file} 中没有服务器 {server}。请运行：claude mcp list',
  'claude.unreadable': '无法读取 {file}（{said}）。',
  'claude.settingsUnreadable': '无法读取 {file}（{code}）。请将其改为可读的文件，然后重试。',
  'claude.notJson': '{file} 不是有效的 JSON（{said}）。该文件未被改动：请更正后重试。',

  'state.notAbsolute': 'CLAUDE_KIMI_HOME 的值是 {given}，无法确定是哪个文件夹：请使用绝对路径，或以 ~/ 开头表示主目录。',
  'state.noHome': '找不到主目录来存放本程序的状态：请将 CLAUDE_KIMI_HOME 设为绝对路径。',
  'server.notLoaded': '无法加载此服务器，更新之后可能会这样：{said}',

  'node.tooOld': 'Node.js {version}（{program}）版本过旧：请安装 {oldest} 或更新的版本（https://nodejs.org），然后重新启动 Claude Code。',

  'launcher.missing.one': '缺少 {file}',
  'launcher.missing.two': '缺少 {file} 和 {other}',
  'launcher.noServer': '没有已安装服务器的记录',
} satisfies Record<keyof typeof english, string>;
