/**
 * What a command sees on macOS, as a profile for `sandbox-exec`. The profile is written by `@anthropic-ai/sandbox-runtime`, whose list of
 * what programs of macOS need at least has been used in the field; by its pure function, since its manager has one proxy for a process.
 * What our policy forbids beyond that is added behind it: the last rule that fits counts.
 */
import { wrapCommandWithSandboxMacOS } from '@anthropic-ai/sandbox-runtime/dist/sandbox/macos-sandbox-utils.js';

export interface SeatbeltView {
  /** Real paths of folders and files that may be read with all below them; nothing else can be. */
  readonly readable: readonly string[];
  /** Real paths inside readable folders that can't be read all the same. */
  readonly unreadable: readonly string[];
  /** Real paths of folders that may be read and written. */
  readonly writable: readonly string[];
  /** Real paths inside writable folders that stay as they are. */
  readonly fixed: readonly string[];
  /** Port of our proxy on the loopback device, or null without network. */
  readonly proxyPort: number | null;
}

/** Devices that programs expect. Not all of /dev: the terminals of the user's other windows are there. */
const DEVICES = ['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom', '/dev/fd', '/dev/stdin', '/dev/stdout', '/dev/stderr'];
const MORE_DEVICES = ['/dev/dtracehelper', '/dev/autofs_nowait'];
const WRITABLE_DEVICES = ['/dev/null', '/dev/fd', '/dev/stdout', '/dev/stderr', '/dev/dtracehelper'];

/** The keychain, other programs of the user and their messages, sleep: services that the written profile lets be reached. */
const FORBIDDEN_SERVICES = [
  'com.apple.SecurityServer',
  'com.apple.securityd.xpc',
  'com.apple.coreservices.launchservicesd',
  'com.apple.lsd.mapdb',
  'com.apple.distributed_notifications@Uv3',
  'com.apple.audio.systemsoundserver',
  'com.apple.PowerManagement.control',
];

/** Exists on every Mac, and stays empty. */
const EMPTY_FOLDER = '/var/empty';

export function seatbeltProfile(view: SeatbeltView): string {
  const wrapped = inFolder(EMPTY_FOLDER, () =>
    wrapCommandWithSandboxMacOS({
      command: 'true',
      commandId: 'claude-kimi', // stands in the system's log with each refusal, where the command itself has no business
      needsNetworkRestriction: true,
      ...(view.proxyPort !== null && { httpProxyPort: view.proxyPort }),
      readConfig: {
        denyOnly: [],
        literalDenyOnly: ['/', ...view.unreadable],
        literalAllowWithinDeny: [...DEVICES, ...MORE_DEVICES, ...view.readable, ...view.writable],
      },
      writeConfig: {
        allowOnly: [],
        literalAllowOnly: [...WRITABLE_DEVICES, ...view.writable],
        denyWithinAllow: [],
        literalDenyWithinAllow: [...view.fixed],
      },
      binShell: 'sh',
    }),
  );
  const words = shellWords(wrapped);
  const profile = words[words.indexOf('-p') + 1];
  if (!profile?.startsWith('(version 1)')) throw new Error('sandbox-runtime wrote no profile');
  return `${profile}\n\n; Our own\n${OWN_RULES.join('\n')}\n`;
}

const OWN_RULES = [
  '(deny mach-lookup',
  ...FORBIDDEN_SERVICES.map((name) => `  (global-name ${JSON.stringify(name)})`),
  ')',
  '(deny distributed-notification-post)',
  '(deny user-preference-read)',
  '(deny iokit-open)', // the screen, and putting the machine to sleep
  // Other processes of the user, whose environment may hold a key: both doors to it, and the list of them.
  '(deny process-info* (target others))',
  '(deny sysctl-read (sysctl-name-prefix "kern.proc"))',
  // Shared memory of other programs: what every program looks at, and names that Python, PyTorch and OpenMP make.
  '(deny ipc-posix-shm)',
  '(allow ipc-posix-shm-read-data (ipc-posix-name "apple.shm.notification_center"))',
  '(allow ipc-posix-shm-read-data ipc-posix-shm-write-create ipc-posix-shm-write-data ipc-posix-shm-write-unlink',
  '  (ipc-posix-name-regex #"^/(psm_|torch_|__KMP_REGISTERED_LIB_)"))',
  // Or a file that may only be read could be written by a second name of it.
  '(deny file-link)',
  // Themselves only, so that paths can lead through them: as folders they would open all of /private/var.
  '(allow file-read* (literal "/etc") (literal "/tmp") (literal "/var"))',
  // A command listens nowhere: on the loopback device everything of the user's is a neighbour.
  '(deny network-bind)',
  '(deny network-inbound)',
];

/**
 * sandbox-runtime protects a list of names (.vscode, .mcp.json, .git/hooks ...) below the working directory of the process. That is the
 * user's checkout, or an ancestor of our working tree, where the model must be able to write them.
 */
function inFolder<T>(folder: string, work: () => T): T {
  const { cwd } = process;
  process.cwd = () => folder;
  try {
    return work();
  } finally {
    process.cwd = cwd;
  }
}

/** The words of a line in which everything unusual stands between single quotes, and those between double ones. */
function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    words.push(word.replace(/'([^']*)'|"([^"]*)"/g, (_, single = '', double = '') => single + double));
  }
  return words;
}
