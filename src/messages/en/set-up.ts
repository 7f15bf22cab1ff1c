/** What is wrong on this machine: settings, the sandbox, Claude Code and what starts the server. */
export const machine = {
  'setting.wrong': '{setting} in {origin} is {value}; allowed is {allowed}.',
  'setting.notUsed': '{setting} of {origin} is not used: the key comes from {keyOrigin}, and the base URL must come from there too.',
  'setting.unreadable': '{file} cannot be read ({code}). Make it a file that you can read, or remove it.',
  'setting.from': '{setting} in {origin}',
  'setting.key': 'the key',
  'origin.call': 'this call',
  'origin.environment': 'the environment of the server',
  'origin.window': 'the VS Code window on {folder}',
  'origin.default': 'the default',
  'allowed.key': 'a key of the Kimi platform, 8 to 512 characters without blanks',
  'allowed.url': 'an https URL (http only for this machine or a private network)',
  'allowed.model': 'the name of a model',
  'allowed.integer': 'a whole number from {low} to {high}',
  'allowed.amount': "an amount above 0, in the endpoint's currency",
  'allowed.prices': 'cache hit/input/output for a million tokens, such as 0.16/0.95/4',
  'allowed.tokens': 'tokens from {low} to {high}',
  'allowed.kilobytes': 'kilobytes from {low} to {high}',
  'allowed.seconds': 'seconds from {low} to {high}',
  'allowed.secondsOrEnd': 'seconds, 0 = wait for the end',
  'allowed.either': '{first} or {last}',
  'allowed.path': 'an absolute path',
  'allowed.paths': 'absolute paths, divided by {divider}',
  'allowed.hosts': 'host names such as registry.npmjs.org or *.example.org, divided by commas',
  'allowed.repositories': 'allow, ask or deny, or folders with these words as JSON',
  'allowed.branches': 'branch names or patterns such as release/*, divided by commas',
  'allowed.commands': 'at most {most} commands, one a line',

  'sandbox.missing':
    'The sandbox program bubblewrap is not installed: install it (`sudo apt install bubblewrap socat`, `sudo dnf install bubblewrap socat` or `sudo pacman -S bubblewrap socat`), or let commands run without a sandbox (setting sandbox, KIMI_SANDBOX=unsandboxed).',
  'sandbox.notStarting':
    'The sandbox program {program} does not start ({said}): install it (`sudo apt install bubblewrap socat`, `sudo dnf install bubblewrap socat` or `sudo pacman -S bubblewrap socat`), or let commands run without a sandbox (setting sandbox, KIMI_SANDBOX=unsandboxed).',
  'sandbox.refused':
    'The sandbox program {program} is refused by this system ({said}): {remedy}, or let commands run without a sandbox (setting sandbox, KIMI_SANDBOX=unsandboxed).',
  'sandbox.noPlatform':
    'No sandbox for {platform} yet: use Linux or WSL 2, or let commands run without a sandbox (setting sandbox, KIMI_SANDBOX=unsandboxed).',
  'sandbox.systemFolder': "A repository at {folder} can't be sandboxed: move it to a folder of its own.",
  'sandbox.allowNamespaces.appArmor':
    'allow user namespaces (`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or an AppArmor profile for bwrap)',
  'sandbox.allowNamespaces': 'allow user namespaces (`sudo sysctl -w {setting}`)',
  'sandbox.allowNamespaces.container':
    'allow user namespaces; in a container, start it with `--security-opt seccomp=unconfined --security-opt systempaths=unconfined`',

  'claude.notAtPath':
    'There is no program at {path}. Correct the setting claudeKimi.claudePath (in a terminal KIMI_CLAUDE_PATH), or empty it to let the program be searched.',
  'claude.notFound':
    'Claude Code was not found: not on PATH, not in the usual folders, not by your login shell. Install it (https://code.claude.com), or put the path of its program into the setting claudeKimi.claudePath (in a terminal KIMI_CLAUDE_PATH).',
  'claude.commandFailed': '{command} failed: {said}',
  'claude.notRegistered': 'Claude Code took the command, but {file} does not show the server {server}. Run: claude mcp list',
  'claude.unreadable': '{file} cannot be read ({said}).',
  'claude.settingsUnreadable': '{file} cannot be read ({code}). Make it a file that you can read, then try again.',
  'claude.notJson': '{file} is not valid JSON ({said}). It was left as it was: correct it, then try again.',

  'state.notAbsolute':
    'CLAUDE_KIMI_HOME is {given}, which names no certain folder: give an absolute path, or one that begins with ~/ for your home folder.',
  'state.noHome': 'There is no home folder for the state of this program: set CLAUDE_KIMI_HOME to an absolute path.',
  'server.notLoaded': 'this server could not be loaded, as after an update: {said}',

  'node.tooOld':
    'Node.js {version} ({program}) is too old: install version {oldest} or newer (https://nodejs.org), then start Claude Code again.',

  'launcher.missing.one': '{file} is missing',
  'launcher.missing.two': '{file} and {other} are missing',
  'launcher.noServer': 'no installed server is recorded',
} as const;
