/** Which files are never sent, by their names: patterns as in a `.gitignore`, without regard to case. */
import { compileRootGlob, globSteps, type Matcher } from '../../common/glob.ts';

/** What every repository begins with; docs/settings.md lists it. `!` = may be sent. The last pattern that matches decides. */
export const ALWAYS: readonly string[] = [
  // variables of programs
  ...['.env*', '*.env', 'local.settings.json', '*.tfvars', '*.tfvars.json', '*.tfstate', '*.tfstate.backup'],
  ...['secrets.yml', 'secrets.yaml', 'secrets.json', 'secrets.toml'],
  // keys, and files that hold them
  ...['*.pem', '*.key', '*.p8', '*.p12', '*.pfx', '*.jks', '*.keystore', '*.ppk', '*.kdbx', '*.ovpn'],
  ...['id_rsa*', 'id_dsa*', 'id_ecdsa*', 'id_ed25519*', '!*.pub'],
  // what programs log in with
  ...[
    '.npmrc',
    '.pypirc',
    '.netrc',
    '_netrc',
    '.git-credentials',
    '.htpasswd',
    '.pgpass',
    '.my.cnf',
    '.s3cfg',
    '.vault-token',
    '.dockercfg',
  ],
  ...['credentials.json', 'client_secret*.json', 'service-account*.json', 'service_account*.json', 'application_default_credentials.json'],
  ...['**/.aws/credentials', '**/.docker/config.json', '**/.kube/config', 'kubeconfig', '*.kubeconfig', '**/.cargo/credentials*'],
  // what shows a reader how the others look
  ...['!*.example', '!*.sample', '!*.template', '!*.dist', '!*.defaults', '!.env*.schema'],
  ...['!.env*example', '!.env*sample', '!.env*template'],
];

/** Of these the content decides: a certificate or a registry's address is no secret. */
const DECIDED_BY_CONTENT = /\.(pem|key)$|(^|\/)\.npmrc$/i;

/** Characters compared for one path. A repository that makes it cost more has it withheld: its patterns may only add to the list. */
const MOST_STEPS = 10_000;

export interface NameRules {
  isWithheld(path: string): boolean;
  /** Of those the paths that are withheld. */
  among(paths: readonly string[]): string[];
  /** Patterns that came later, as of a submodule; they add to the list only. */
  keepBack(patterns: readonly string[]): void;
}

/** Several steps of an attempt look at the same names; of so many the answers are remembered. */
const MOST_KNOWN = 200_000;

interface Rule {
  readonly withholds: boolean;
  readonly matches: Matcher;
  /** The longest text that stands in every path that it matches. */
  readonly holds: string;
  /** That in pieces of three signs, of which each stands in such a path, too. */
  readonly signs: Uint16Array;
}

/** Of so many rules that any name can match, most are passed by without a look at the whole path. */
const FEW_RULES = 50;

/** Characters looked through for what rules hold, in all paths together: some seconds. What would take more is withheld, as above. */
const MOST_LOOKED_THROUGH = 300_000_000;

/**
 * @param user patterns of the user's own, `!` in front takes one back
 * @param repository patterns of the repository, which adds to the list only
 */
export function nameRules(user: readonly string[] = [], repository: readonly string[] = []): NameRules {
  const rules = new RuleIndex();
  for (const pattern of [...ALWAYS, ...user, ...repository.filter((one) => !one.startsWith('!'))]) rules.add(pattern);
  const known = new Map<string, boolean>();
  const isWithheld = (path: string) => {
    const decided = known.get(path) ?? rules.decide(isAscii(path) ? path.toLowerCase() : path.toLowerCase().normalize('NFC'));
    if (known.size < MOST_KNOWN) known.set(path, decided);
    return decided;
  };
  return {
    isWithheld,
    among: (paths) => paths.filter(isWithheld),
    keepBack(patterns) {
      for (const pattern of patterns) if (!pattern.startsWith('!')) rules.add(pattern);
      known.clear();
    },
  };
}

/** Finds the rules that a name can match without trying all: a list of 20,000 files takes some milliseconds. */
class RuleIndex {
  readonly #rules: Rule[] = [];
  readonly #byName = new Map<string, number[]>();
  readonly #byEnding = new Map<string, number[]>();
  readonly #byBeginning: { beginning: string; at: number }[] = [];
  readonly #others: number[] = [];
  #lookedThrough = 0;
  /** In which path, by its number, three signs stood last. */
  readonly #marks = new Uint32Array(MARKS);
  #path = 0;

  add(pattern: string): void {
    const withholds = !pattern.startsWith('!');
    for (const glob of globsOf(withholds ? pattern : pattern.slice(1))) {
      const matches = compileRootGlob(glob);
      if (!matches) throw new Error(`The pattern ${JSON.stringify(pattern)} of files that are never sent is too long.`);
      const holds = longestText(glob);
      const signs = Uint16Array.from({ length: Math.max(0, holds.length - 2) }, (_, at) => signsAt(holds, at));
      this.#rules.push({ withholds, matches, holds, signs });
      this.#file(glob.slice(glob.lastIndexOf('/') + 1), this.#rules.length - 1);
    }
  }

  decide(path: string): boolean {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const ending = name.slice(Math.max(0, name.lastIndexOf('.')));
    const most = globSteps() + MOST_STEPS;
    const areMany = this.#others.length > FEW_RULES;
    if (areMany) this.#mark(path);
    let last = -1;
    let isTooMuch = false;
    const look = (at: number) => {
      if (at <= last || isTooMuch || globSteps() > most) return;
      const { holds, signs, matches } = this.#rules[at]!;
      if (areMany) {
        for (let sign = signs.length - 1; sign >= 0; sign--) if (this.#marks[signs[sign]!] !== this.#path) return;
        this.#lookedThrough += path.length;
      }
      isTooMuch = this.#lookedThrough > MOST_LOOKED_THROUGH;
      if (!isTooMuch && path.includes(holds) && matches(path)) last = at;
    };
    for (const at of this.#byName.get(name) ?? []) look(at);
    for (const at of this.#byEnding.get(ending) ?? []) look(at);
    for (const { beginning, at } of this.#byBeginning) if (name.startsWith(beginning)) look(at);
    for (const at of this.#others) look(at);
    return isTooMuch || globSteps() > most || (last >= 0 && this.#rules[last]!.withholds);
  }

  #mark(path: string): void {
    this.#path++;
    for (let at = 0; at + 3 <= path.length; at++) this.#marks[signsAt(path, at)] = this.#path;
  }

  #file(name: string, at: number): void {
    const beginning = /^[^*?[\\]*/.exec(name)![0];
    const ending = /^\*.*(\.[^*?[\\.]+)$/.exec(name)?.[1];
    if (beginning === name) push(this.#byName, name, at);
    else if (ending !== undefined) push(this.#byEnding, ending, at);
    else if (beginning !== '') this.#byBeginning.push({ beginning, at });
    else this.#others.push(at);
  }
}

const MARKS = 2 ** 14;

/** Three signs that stand one behind the other, as a number; others may have the same. */
const signsAt = (text: string, at: number): number =>
  (text.charCodeAt(at) * 961 + text.charCodeAt(at + 1) * 31 + text.charCodeAt(at + 2)) % MARKS;

/** Without signs that stand for others; `**` between folders may stand for none, and so takes the slashes around it along. */
const longestText = (glob: string) =>
  glob.split(/\/?\*\*\/?|[*?\\]|\[.*/).reduce((longest, text) => (text.length > longest.length ? text : longest), '');

const isAscii = (text: string) => !/[^\0-\x7f]/.test(text);

function push(index: Map<string, number[]>, key: string, at: number): void {
  const there = index.get(key);
  if (there) there.push(at);
  else index.set(key, [at]);
}

/** A pattern without a slash matches in every folder, one with a slash from the root; of a folder everything in it. */
function globsOf(pattern: string): string[] {
  const plain = pattern.toLowerCase().normalize('NFC').replaceAll('\\', '/').replace(/^\.\//, '');
  const path = plain.replace(/^\/+|\/+$/g, '');
  const whole = path.includes('/') || plain.startsWith('/') ? path : `**/${path}`;
  return plain.endsWith('/') ? [`${whole}/**`] : isBuiltIn(pattern) ? [whole] : [whole, `${whole}/**`];
}

const isBuiltIn = (pattern: string) => ALWAYS.includes(pattern) || ALWAYS.includes(`!${pattern}`);

/** Whether a file with such a name is no secret after all. */
export function isHarmless(path: string, text: string): boolean {
  if (!DECIDED_BY_CONTENT.test(path)) return false;
  if (/npmrc$/i.test(path)) return !/_auth|_password|token|:\/\/[^\s/]*@/i.test(text);
  const labels = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,60})-----/g)].map(([, label]) => label!);
  return (
    labels.length > 0 &&
    labels.every((label) => /^(X509 |TRUSTED |NEW )?(CERTIFICATE|CERTIFICATE REQUEST|CRL)$|PUBLIC KEY$|^(DH|EC) PARAMETERS$/.test(label))
  );
}

/** Whether the content of a file decides, so that it must be looked at. */
export function isDecidedByContent(path: string): boolean {
  return DECIDED_BY_CONTENT.test(path);
}
