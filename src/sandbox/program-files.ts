/** Which files are of a program, and which are somebody's data, by what they are called and by their rights. */
import { lstatSync } from 'node:fs';
import { basename } from 'node:path';

/** Code, libraries, and what programs bring along to show and to start with. */
const OF_PROGRAM = new RegExp(
  String.raw`\.(${[
    'so|so.[\\d.]+|a|o|la|lib|dll|dylib|exe|jar|class|pyc?|pyi|pyd|whl|node|wasm|asar|pak|dat|bin|rom|hex|img',
    '[cm]?[jt]sx?|rb|php|p[lm]|lua|go|rs|java|kts?|scala|groovy|gradle|clj|cs|fs|exs?|beam|app|c|cc|cpp|cu|cuh|ptx|h|hpp|inl|swift|el|lisp|r|vim',
    'html?|css|md|rst|map|tmpl|template|mustache|erb|tt|rbs|gemspec|xs[dl]|dtd|xml|json|ya?ml|toml|ini|cfg|conf|properties|policy|security|cmake|pc|m4|mk|in|proto|sql|awk|sed',
    'sh|bash|zsh|fish|csh|bat|cmd|ps1|service|desktop|png|svg|ico|icns|gif|bmp|xpm|cur|wav|ttf|otf|woff2?|pf[ab]|mo|po|qm|ts|res|rc|txt|lst|src|jmod|ja|idx|tcl|def|exp',
    'boot|rel|script|appup|ph|bc|ld|sty|cls|tfm|vf|fmt|bst|afm|enc|qml|rcc|pri|prf|crt|cer|pem',
  ].join('|')})$`,
  'i',
);

/** Dumps, tables, databases, archives, logs, mail, documents and pictures. */
const DATA =
  /\.(sql|dump|dmp|bak|csv|tsv|xlsx?|ods|mbox|eml|pst|vcf|ics|sqlite3?|s3db|db3?|mdb|accdb|rdb|aof|ibd|frm|my[di]|ldf|mdf|wal|log|err|out|docx?|odt|pptx?|pdf|jpe?g|heic|tiff?|mp[34]|mov|mkv|(tar|t|cpio|dat|csv|sql|dump|log|json|xml)?\.?(gz|bz2|xz|zst|lz4)|tgz|tbz2?|txz|tar|zip|7z|rar)(\.\d+|~)?$/i;
/** What a server for databases, a queue or a search keeps in its folder. */
const OF_DATABASE = new Set([
  ...['PG_VERSION', 'ibdata1', 'aria_log_control', 'WiredTiger', 'mongod.lock', 'dump.rdb', 'appendonlydir', 'appendonly.aof'],
  ...['neostore', 'CURRENT', 'meta.properties', 'redis.rdb', 'recovery-point-offset-checkpoint', 'version-2'],
]);

/** Of data, what no program has among what it is made of: archives and tables it may have there. */
const DATA_AMONG_CODE =
  /\.(sqlite3?|s3db|mbox|eml|pst|dump|dmp|bak|aof|ibd|frm|my[di]|mdf|ldf|accdb|mdb|log|xlsx?|docx?)(\.\d+|~)?$|\.sql\.(gz|bz2|xz|zst)$|(backup|dump|export|home|mails?|customers?|prod(uction)?)[\w.-]*\.(sql|csv|zip|tgz|tar(\.\w+)?|gz)$/i;
const CODE =
  /\.(so|so\.[\d.]+|a|o|lib|dll|dylib|exe|jar|war|class|pyc?|pyd|whl|node|wasm|asar|[cm]?js|rb|php|p[lm]|lua|go|rs|groovy|clj|beam|c|cc|cpp|cu|h|hpp|tcl|el|lisp|r|jl|sh|bat|cmake|mk)$/i;

/** Whether it is what a program does, and not what it may bring along. */
export const isCode = (file: string): boolean => CODE.test(file) || (!isData(file) && isExecutable(file));

export const isDataAmongCode = (name: string): boolean => DATA_AMONG_CODE.test(name);

export const isData = (file: string): boolean => DATA.test(basename(file));

export const marksDatabase = (name: string): boolean => OF_DATABASE.has(name);

/** Whether a file is a part of a program: what may be started, or is called as one. */
export const isOfProgram = (file: string): boolean => OF_PROGRAM.test(basename(file)) || (!isData(file) && isExecutable(file));

const STARTED = /\.(so|so\.[\d.]+|jar|war|phar|py|[cm]?js|rb|pl|sh|exe|dll)$/i;

/** Whether it is there, and is what starts, or is loaded. */
export const mayBeStarted = (file: string): boolean => !isData(file) && (STARTED.test(file) ? modeOf(file) !== 0 : isExecutable(file));

const isExecutable = (file: string): boolean => (modeOf(file) & 0o111) !== 0;

function modeOf(file: string): number {
  try {
    const stat = lstatSync(file, { throwIfNoEntry: false });
    return stat?.isFile() ? stat.mode : 0;
  } catch {
    return 0;
  }
}
