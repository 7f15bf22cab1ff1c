/** What is wrong on this machine: settings, the sandbox, Claude Code and what starts the server. */
export const machine = {
  'setting.wrong': '{setting} in {origin} is {value}; allowed is {allowed}.',
  'setting.notUsed': '{setting} of {origin} is not used: the key comes from {keyOrigin}, and the base URL must come from there too.',
  'setting.unreadable': '{file} cannot be read ({code}). Make it a file that you can read, or remove it.',
  'setting.misnamed': '{given} in {origin} is no setting; the name is {variable}. Correct it: as long as it stands there, nothing is sent.',
  'setting.encoding': '{file} is not written in UTF-8, so what it says of Kimi is not known. Save it in UTF-8.',
  'setting.form': '{file} has {variable} in a form that is not read. Write it in a line of its own: {variable}=value',
  'setting.from': '{setting} in {origin}',
  'setting.key': 'the key',
  'origin.call': 'this call',
  'origin.environment': 'the environment of the server',
  'origin.editor': "VS Code's settings (kept in {file})",
  'origin.window': 'the VS Code window on {folder}',
  'origin.default': 'the default',
  'allowed.key': 'a key of the Kimi platform, 8 to 512 characters without blanks',
  'allowed.url': 'an https URL (http only for this machine or a private network)',
  'allowed.model': 'the name of a model',
  'allowed.integer': 'a whole number from {low} to {high}',
  'allowed.amount': "an amount above 0, in the endpoint's currency",
  'allowed.prices': 'cache hit/input/output for a million tokens, such as 0.16/0.95/4',
  'allowed.tokens': 'tokens from {low} to {high}',
  'allowed.days': 'days from {low} to {high}',
  'allowed.kilobytes': 'kilobytes from {low} to {high}',
  'allowed.megabytes': 'megabytes from {low} to {high}',
  'allowed.seconds': 'seconds from {low} to {high}',
  'allowed.secondsOrEnd': 'seconds, 0 = wait for the end',
  'allowed.either': '{first} or {last}',
  'allowed.path': 'an absolute path',
  'allowed.paths': 'absolute paths, divided by {divider}',
  'allowed.filePatterns': 'at most 1000 patterns as in a .gitignore without braces, divided by commas; ! in front takes one back',
  'allowed.hosts': 'host names such as registry.npmjs.org or *.example.org, divided by commas',
  'allowed.repositories': 'allow, ask or deny, or folders with these words as JSON',
  'allowed.branches': 'branch names or patterns such as release/*, divided by commas',
  'allowed.command': 'one command, at most 2,000 characters',
  'allowed.commands': 'at most {most} commands, one a line',

  'sandbox.missing': 'The sandbox program bubblewrap is not installed.',
  'sandbox.macMissing': 'The sandbox program of macOS, /usr/bin/sandbox-exec, is not there.',
  'sandbox.notStarting': 'The sandbox program {program} does not start ({said}).',
  'sandbox.refused': 'The sandbox program {program} is refused by this system ({said}).',
  'sandbox.noPlatform': 'There is no sandbox for {platform}.',
  'sandbox.noWindows': 'No commands can run on Windows itself, with a sandbox or without.',
  'sandbox.noProcessor':
    'There is no sandbox for this processor ({processor}): what programs may ask of the kernel is only known here for x86-64 and arm64.',
  'sandbox.systemFolder': "A repository at {folder} can't be sandboxed: move it to a folder of its own.",
  'sandbox.unusualPath': "A repository at {folder} can't be sandboxed on this system: rename the folder, its path has control characters.",
  'sandbox.orUnsandboxed': 'Or let commands run without a sandbox (setting sandbox, KIMI_SANDBOX=unsandboxed).',
  'sandbox.orContainer':
    'Or, if this container is disposable and holds nothing that a hostile command must not have, let commands run in it as they are (setting sandbox, KIMI_SANDBOX=container).',
  'sandbox.noContainer':
    'The setting sandbox is "container", but this is no container that can be seen: there is no /.dockerenv and no /run/.containerenv, and neither control groups nor mounts nor the first process tell of one. Set it to required (KIMI_SANDBOX=required).',
  'sandbox.noSocat': 'no network: the program socat is missing on this machine. {fix}',

  'sandbox.fix.install': 'Install it: {commands}.',
  'sandbox.fix.installAgain': 'Install it again: {commands}.',
  'sandbox.fix.installNewer': 'It is too old, 0.4 is needed at least. Install a newer one: {commands}.',
  'sandbox.fix.installUnknown': 'Install {packages} with the package manager of this system.',
  'sandbox.fix.nixos':
    'Add bubblewrap and socat to environment.systemPackages in /etc/nixos/configuration.nix, then build the system: {commands}.',
  'sandbox.fix.layered': 'Layer it on the system and restart: {commands}.',
  'sandbox.fix.windows':
    'WSL 2 has a sandbox: in PowerShell run {commands}, restart, install Node.js, git, bubblewrap, socat and Claude Code in that Linux, and open the repository there (in VS Code: the command WSL: Connect to WSL).',
  'sandbox.fix.wsl1':
    'This Linux runs in WSL 1, which has no user namespaces. Turn it into WSL 2, in PowerShell: {commands}. Its name is in the list of: wsl --list.',
  'sandbox.fix.nested':
    'This server itself was started in a sandbox of macOS, and they do not nest. Start Claude Code or VS Code outside of it.',
  'sandbox.fix.mac': 'See what macOS says by itself: {commands}.',
  'sandbox.fix.platform': 'Use Linux, macOS or WSL 2.',
  'sandbox.fix.processor': 'Use a machine with one of these, and a Node of 64 bits.',
  'sandbox.fix.noFilter':
    'This kernel cannot filter system calls (CONFIG_SECCOMP_FILTER), or what plays it (gVisor) does not. Use one that can.',
  'sandbox.fix.appArmor':
    'AppArmor lets only programs with a profile of their own make user namespaces, and bwrap has none. Write one and load it: {commands}.',
  'sandbox.fix.appArmorProfile':
    'AppArmor restricts user namespaces; there is a profile for bwrap, but it is not loaded or allows none. Load it, and look into it if that does not help: {commands}.',
  'sandbox.fix.sysctl': 'User namespaces are switched off. Allow them, now and after a restart: {commands}.',
  'sandbox.fix.exhausted': 'All user namespaces that the kernel allows are in use. Allow more: {commands}.',
  'sandbox.fix.kernel': 'This kernel has no user namespaces (CONFIG_USER_NS). Use one that has them.',
  'sandbox.fix.setuid':
    'It is installed setuid root, and refuses some options in this form. Where the kernel lets everybody make user namespaces, it needs no such right: {commands}.',
  'sandbox.fix.seLinux': 'SELinux is enforcing and may be what refuses it. What it denied is shown by {commands}.',
  'sandbox.fix.hostAppArmor':
    'This container may make user namespaces, but AppArmor on its host takes their rights away. On the host run {commands}.',
  'sandbox.fix.container': 'This container forbids user namespaces or a /proc of their own. Start it with {commands}.',
  'sandbox.fix.devcontainer':
    'This container forbids user namespaces or a /proc of their own. Put {commands} into devcontainer.json and rebuild it.',
  'sandbox.fix.kubernetes':
    'This pod forbids user namespaces or a /proc of their own. Its securityContext must have seccompProfile and appArmorProfile of type Unconfined, and procMount: Unmasked with hostUsers: false.',
  'sandbox.fix.lxc': 'This container forbids nesting. On its host run {commands}.',
  'sandbox.fix.otherContainer':
    'This container forbids user namespaces or a /proc of their own. Start it with neither a seccomp filter nor masked paths.',
  'sandbox.fix.unknown': 'Nothing that is known here explains it. What bwrap says by itself: {commands}.',

  'claude.notAtPath':
    'There is no program at {path}. Correct the setting claudeKimi.claudePath (in a terminal KIMI_CLAUDE_PATH), or empty it to let the program be searched.',
  'claude.notFound':
    'Claude Code was not found: not on PATH, not in the usual folders, not by your login shell. Install it (https://code.claude.com), or put the path of its program into the setting claudeKimi.claudePath (in a terminal KIMI_CLAUDE_PATH).',
  'claude.commandFailed': '{command} failed: {said}',
  'claude.notRegistered': 'Claude Code took the command, but {file} does not show the server {server}. Run: claude mcp list',
  'claude.unreadable': '{file} cannot be read ({said}).',
  'claude.linkToNothing':
    '{file} is a link to {target}, which is not there now. Nothing was written. Bring that back, or remove the link, then try again.',
  'claude.notUtf8':
    '{file} is not in UTF-8, so that nothing can be added or removed without changing the rest of it. Save it in UTF-8, then try again.',
  'claude.settingsUnreadable': '{file} cannot be read ({code}). Make it a file that you can read, then try again.',
  'claude.notJson': '{file} is not valid JSON ({said}). It was left as it was: correct it, then try again.',

  'state.notAbsolute':
    'CLAUDE_KIMI_HOME is {given}, which names no certain folder: give an absolute path, or one that begins with ~/ for your home folder.',
  'state.isHome': 'CLAUDE_KIMI_HOME is {given}, where other things lie: give a folder of its own, such as ~/kimi-delegate.',
  'state.folderGone': 'The folder in which you are was removed. Go to another one, and type the command again.',
  'state.noHome': 'There is no home folder for the state of this program: set CLAUDE_KIMI_HOME to an absolute path.',
  'server.notLoaded': 'this server could not be loaded, as after an update: {said}',

  'node.tooOld':
    'Node.js {version} ({program}) is too old: install version {oldest} or newer (https://nodejs.org), then start Claude Code again.',

  'launcher.missing.one': '{file} is missing',
  'launcher.missing.two': '{file} and {other} are missing',
  'launcher.noServer': 'no installed server is recorded',
} as const;
