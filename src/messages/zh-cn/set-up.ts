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
  'allowed.filePatterns': '最多 200 个模式，写法同 .gitignore（不含花括号），以逗号分隔；前面加 ! 表示取消',
  'allowed.hosts': '主机名，例如 registry.npmjs.org 或 *.example.org，以逗号分隔',
  'allowed.repositories': 'allow、ask 或 deny，或以 JSON 写出的文件夹与这些词',
  'allowed.branches': '分支名或模式，例如 release/*，以逗号分隔',
  'allowed.commands': '最多 {most} 条命令，每行一条',

  'sandbox.missing': '沙箱程序 bubblewrap 未安装。',
  'sandbox.macMissing': '找不到 macOS 的沙箱程序 /usr/bin/sandbox-exec。',
  'sandbox.notStarting': '沙箱程序 {program} 无法启动（{said}）。',
  'sandbox.refused': '此系统不允许运行沙箱程序 {program}（{said}）。',
  'sandbox.noPlatform': '{platform} 上没有沙箱。',
  'sandbox.systemFolder': '位于 {folder} 的仓库无法放入沙箱：请将其移到单独的文件夹。',
  'sandbox.orUnsandboxed': '或允许命令不使用沙箱运行（设置 claudeKimi.sandbox，或 KIMI_SANDBOX=unsandboxed）。',
  'sandbox.orContainer':
    '或者，如果此容器可以随时丢弃，且其中没有恶意命令不该得到的东西，可让命令直接在容器中运行（设置 claudeKimi.sandbox，或 KIMI_SANDBOX=container）。',
  'sandbox.noContainer':
    '设置 sandbox 为 "container"，但看不出这里是容器：没有 /.dockerenv 和 /run/.containerenv，控制组、挂载和首个进程也没有容器的迹象。请改为 required（KIMI_SANDBOX=required）。',
  'sandbox.noSocat': '没有网络：此机器上缺少程序 socat。{fix}',

  'sandbox.fix.install': '请安装：{commands}。',
  'sandbox.fix.installAgain': '请重新安装：{commands}。',
  'sandbox.fix.installNewer': '版本过旧，至少需要 0.4。请安装更新的版本：{commands}。',
  'sandbox.fix.installUnknown': '请用此系统的软件包管理器安装 {packages}。',
  'sandbox.fix.nixos':
    '请在 /etc/nixos/configuration.nix 的 environment.systemPackages 中加入 bubblewrap 和 socat，然后构建系统：{commands}。',
  'sandbox.fix.layered': '请将其叠加到系统并重启：{commands}。',
  'sandbox.fix.windows':
    'Windows 本身没有沙箱，WSL 2 有：请在 PowerShell 中运行 {commands}，重启，在该 Linux 中安装 Node.js、git、bubblewrap、socat 和 Claude Code，并在其中打开仓库（VS Code 命令：WSL: Connect to WSL）。',
  'sandbox.fix.wsl1':
    '此 Linux 运行在 WSL 1 中，没有用户命名空间。请在 PowerShell 中将其转换为 WSL 2：{commands}。其名称可用 wsl --list 查看。',
  'sandbox.fix.nested': '此服务器本身是在 macOS 沙箱中启动的，而沙箱不能嵌套。请在沙箱之外启动 Claude Code 或 VS Code。',
  'sandbox.fix.mac': '请查看 macOS 自身的提示：{commands}。',
  'sandbox.fix.platform': '请使用 Linux、macOS 或 WSL 2。',
  'sandbox.fix.appArmor': 'AppArmor 只允许有自己配置文件的程序创建用户命名空间，而 bwrap 没有。请编写并加载：{commands}。',
  'sandbox.fix.appArmorProfile':
    'AppArmor 限制用户命名空间；bwrap 有配置文件，但未加载或不允许。请加载它，若无效请检查其内容：{commands}。',
  'sandbox.fix.sysctl': '用户命名空间已关闭。请允许它们（立即生效且重启后保留）：{commands}。',
  'sandbox.fix.exhausted': '内核允许的用户命名空间已全部用完。请提高上限：{commands}。',
  'sandbox.fix.kernel': '此内核没有用户命名空间（CONFIG_USER_NS）。请使用支持它的内核。',
  'sandbox.fix.setuid': '它以 setuid root 方式安装，因此拒绝某些选项。若内核允许所有用户创建用户命名空间，则不需要此权限：{commands}。',
  'sandbox.fix.seLinux': 'SELinux 处于强制模式，可能是它拒绝的。可查看其拒绝记录：{commands}。',
  'sandbox.fix.hostAppArmor': '此容器可以创建用户命名空间，但宿主机上的 AppArmor 取消了其权限。请在宿主机上运行：{commands}。',
  'sandbox.fix.container': '此容器禁止用户命名空间或其自己的 /proc。请这样启动容器：{commands}。',
  'sandbox.fix.devcontainer': '此容器禁止用户命名空间或其自己的 /proc。请将 {commands} 写入 devcontainer.json 并重新构建。',
  'sandbox.fix.kubernetes':
    '此 Pod 禁止用户命名空间或其自己的 /proc。其 securityContext 须将 seccompProfile 和 appArmorProfile 设为 Unconfined，并设置 procMount: Unmasked 与 hostUsers: false。',
  'sandbox.fix.lxc': '此容器禁止嵌套。请在宿主机上运行：{commands}。',
  'sandbox.fix.otherContainer': '此容器禁止用户命名空间或其自己的 /proc。启动容器时请不要使用 seccomp 过滤和路径屏蔽。',
  'sandbox.fix.unknown': '已知原因都不符合。bwrap 自身的提示：{commands}。',

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
