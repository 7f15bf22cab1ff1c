/** What of the system a sandbox holds, each with its reason. It begins empty: what is not named here does not exist inside. */

export interface Part {
  readonly path: string;
  readonly why: string;
}

/** Read-only, at their own paths; a link of the host is the same link inside. */
export const SYSTEM_PARTS: readonly Part[] = [
  { path: '/usr', why: 'programs and libraries of the system' },
  { path: '/bin', why: 'the same, or a link to it' },
  { path: '/sbin', why: 'the same' },
  { path: '/lib', why: 'the same' },
  { path: '/lib32', why: 'the same' },
  { path: '/lib64', why: 'the same; the loader of every program' },
  { path: '/libx32', why: 'the same' },
  { path: '/nix/store', why: 'programs of Nix' },
  { path: '/nix/var/nix/profiles', why: 'links into the store, which PATH names; not the socket of the daemon beside them' },
  { path: '/run/current-system', why: 'the same on NixOS' },
  { path: '/gnu/store', why: 'programs of Guix' },
  { path: '/sys/devices/system/cpu', why: 'how many processors there are' },
  { path: '/sys/devices/system/node', why: 'how their memory is laid out' },
  { path: '/var/cache/fontconfig', why: 'else each program that draws text makes it anew' },
  { path: '/var/lib/ca-certificates', why: 'certificates on openSUSE' },
  { path: '/var/lib/texmf', why: 'the formats of TeX' },
];

/**
 * The same on macOS, where a sandbox shows the host at its own paths: real ones, since rules are held against those. Of /System parts, as
 * the volume with all homes hangs below it too.
 */
export const MAC_PARTS: readonly Part[] = [
  { path: '/bin', why: 'programs of the system' },
  { path: '/sbin', why: 'the same' },
  { path: '/usr/bin', why: 'the same' },
  { path: '/usr/sbin', why: 'the same' },
  { path: '/usr/lib', why: 'their libraries; the loader of every program' },
  { path: '/usr/libexec', why: 'the same' },
  { path: '/usr/share', why: 'locales, terminals, time zones' },
  { path: '/System/Library', why: 'frameworks' },
  { path: '/System/Cryptexes', why: 'links to the libraries that are updated by themselves' },
  { path: '/System/Volumes/Preboot/Cryptexes', why: 'where these links lead' },
  { path: '/System/iOSSupport', why: 'frameworks' },
  { path: '/Library/Apple', why: 'the translator of Intel programs' },
  { path: '/Library/Developer/CommandLineTools', why: 'git, make and compilers' },
  { path: '/Library/Developer/PrivateFrameworks', why: 'what Xcode loads' },
  { path: '/Library/Frameworks', why: 'Python from python.org, .NET' },
  { path: '/Library/Java/JavaVirtualMachines', why: 'Java' },
  { path: '/Applications/Xcode.app/Contents', why: 'git, make and compilers' },
  { path: '/private/var/select', why: 'which shell and which Xcode are meant' },
  { path: '/private/var/db/xcode_select_link', why: 'the same' },
  { path: '/private/var/db/dyld', why: 'the loader of every program' },
  { path: '/private/var/db/timezone', why: 'time zones' },
  { path: '/nix/store', why: 'programs of Nix' },
  { path: '/nix/var/nix/profiles', why: 'links into the store' },
  ...[
    ...['bashrc', 'profile', 'zprofile', 'zshrc', 'paths', 'paths.d', 'shells', 'localtime', 'passwd', 'group'],
    ...['hosts', 'resolv.conf', 'protocols', 'services', 'ssl/cert.pem', 'ssl/certs', 'ssl/openssl.cnf', 'ssl/x509v3.cnf'],
  ].map((name) => ({ path: `/private/etc/${name}`, why: 'what programs look up; never the keys beside certificates' })),
];

/** Parts of those that belong to services and to other people's work. */
export const NEVER: readonly Part[] = [
  { path: '/usr/local/etc', why: 'settings, an npmrc with its token for one' },
  { path: '/usr/local/var', why: 'data and sockets of services' },
  { path: '/usr/local/src', why: 'other repositories' },
];

/** Folders of a home that are never a toolchain or a cache, whatever link or variable leads there. */
export const CREDENTIALS: readonly string[] = [
  ...['.ssh', '.gnupg', '.password-store', '.aws', '.azure', '.kube', '.docker', '.oci', '.terraform.d', '.claude', '.codex', '.gemini'],
  ...['.config/gcloud', '.config/gh', '.config/op', '.config/git', '.config/Code', '.config/google-chrome', '.config/chromium'],
  ...['.mozilla', '.thunderbird', '.local/share/keyrings', 'Library/Keychains', 'Library/Application Support/Code'],
];

/** Names that programs expect and that lead to what is there. */
export const LINKS: readonly { readonly at: string; readonly to: string }[] = [
  { at: '/var/run', to: '/run' },
  { at: '/var/tmp', to: '/tmp' },
];

export interface EtcPart {
  /** Below /etc; `*` = any name in a folder. */
  readonly path: string;
  /** `mount`: the folder of the host. `copy`: small files. `unless-password`: the same, but for those that hold one. */
  readonly how: 'mount' | 'copy' | 'unless-password';
}

const copied = (...paths: string[]) => paths.map((path): EtcPart => ({ path, how: 'copy' }));
const mounted = (...paths: string[]) => paths.map((path): EtcPart => ({ path, how: 'mount' }));
const looked = (...paths: string[]) => paths.map((path): EtcPart => ({ path, how: 'unless-password' }));

/** The user database, hosts and nsswitch.conf are not the host's (see `etc-folder.ts`); gitconfig is not lent, as our environment says it all. */
export const ETC_PARTS: readonly EtcPart[] = [
  // The loader, without which nothing runs
  ...copied('ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'ld-musl-x86_64.path', 'ld-musl-aarch64.path', 'ld.so.preload.d'),
  // Which of several programs a name means (Debian), which profile (NixOS)
  ...mounted('alternatives', 'static', 'profiles'),
  // Certificates, and how TLS is set up; never the keys beside them
  ...mounted('ssl/certs', 'pki/tls/certs', 'pki/ca-trust/extracted', 'pki/java', 'ca-certificates/extracted', 'crypto-policies'),
  ...copied('ssl/openssl.cnf', 'ssl/cert.pem', 'pki/tls/openssl.cnf', 'pki/tls/cert.pem', 'ca-certificates.conf', 'gnutls/config'),
  // What and where this system is
  ...copied('os-release', 'lsb-release', 'debian_version', '*-release', 'localtime', 'timezone', 'locale.conf', 'locale.alias', 'hostname'),
  // Names that C libraries look up
  ...copied('protocols', 'services', 'rpc', 'networks', 'ethertypes', 'host.conf', 'gai.conf', 'netconfig', 'shells', 'mtab'),
  // Kinds of files
  ...copied('mime.types', 'magic', 'magic.mime', 'mailcap', 'xattr.conf', 'papersize', 'mke2fs.conf'),
  // Languages and tools of which a part lies here
  ...copied('java', 'java-*', 'maven/m2.conf', 'maven/logging', 'maven/toolchains.xml', 'ant.conf', 'groovy', 'dotnet'),
  ...copied('perl', 'python*', 'ruby', 'php', 'mono', 'gprofng.rc', 'gdb', 'inputrc', 'terminfo', 'groff', 'xml', 'sgml', 'texmf'),
  ...copied('ImageMagick-*', 'OpenCL', 'vulkan', 'glvnd', 'gtk-3.0', 'chromium.d', 'chromium', 'openmpi'),
  ...mounted('fonts'),
  // Where administrators put variables for all users, too
  ...looked('bash.bashrc', 'R'),
  ...looked('npmrc', 'pip.conf', 'maven/settings.xml', 'wgetrc', 'gemrc'),
];

/** Files of /proc that tell of the kernel, its log, its keys and the pages of all memory, or set something of it; containers hide most of them too. */
const FILES_IN_PROC = [
  ...['cmdline', 'config.gz', 'kallsyms', 'kcore', 'key-users', 'keys', 'kmsg', 'latency_stats', 'sched_debug', 'sysrq-trigger'],
  ...['timer_list', 'timer_stats', 'vmallocinfo', 'kpagecount', 'kpagecgroup', 'kpageflags', 'pagetypeinfo', 'slabinfo', 'mtrr'],
  // The second tells when a key of the keyboard is pressed.
  ...['bootconfig', 'interrupts', 'allocinfo', 'vmcore'],
].map((name) => `/proc/${name}`);

/**
 * Folders of /proc by which root sets something of the machine, though it has no capability: what wakes it, fans, disks that are taken out,
 * file systems of the network, messages of drivers. They become empty.
 */
export const FOLDERS_IN_PROC: readonly string[] = ['acpi', 'asound', 'driver', 'dynamic_debug', 'fs', 'scsi', 'xen'].map(
  (name) => `/proc/${name}`,
);

export const HIDDEN_IN_PROC: readonly string[] = [...FILES_IN_PROC, ...FOLDERS_IN_PROC];
