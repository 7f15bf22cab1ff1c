/**
 * Reads a profile for `sandbox-exec` and says what it lets through, as far as this is written down of it: every rule that fits is asked,
 * the last one counts, and a rule for an operation by its full name counts more than one for a group (`file-read*`).
 */
type Form = string | readonly Form[];
export interface Access {
  readonly path?: string;
  readonly type?: 'DIRECTORY' | 'REGULAR-FILE' | 'SYMLINK' | 'CHARACTER-DEVICE';
  /** A service, a kernel variable, a name of shared memory. */
  readonly name?: string;
  /** host:port of the other end. */
  readonly remote?: string;
  readonly target?: 'self' | 'same-sandbox' | 'others';
}
interface Rule {
  readonly allow: boolean;
  readonly operations: readonly string[];
  readonly filters: readonly Form[];
}

export function readRules(profile: string): (operation: string, access?: Access) => boolean {
  const forms = parse(profile);
  const rules = forms.flatMap((form) => toRule(form));
  return (operation, access = {}) => {
    const fitting = (names: readonly string[]) =>
      rules.findLast(
        ({ operations, filters }) =>
          operations.some((name) => names.includes(name)) && (filters.length === 0 || filters.some((f) => fits(f, access))),
      );
    const groups = ['default', ...groupsOf(operation)];
    return (fitting([operation]) ?? fitting(groups.slice(1)) ?? fitting(['default']))?.allow ?? false;
  };
}

/** `file-write-unlink` belongs to `file-write*`, `ipc-posix-shm-read-data` also to `ipc-posix-shm`. */
function groupsOf(operation: string): string[] {
  const parts = operation.split('-');
  return parts.flatMap((_, index) => {
    const group = parts.slice(0, index + 1).join('-');
    return [`${group}*`, ...(group === operation ? [] : [group])];
  });
}

function toRule(form: Form): Rule[] {
  if (typeof form === 'string') throw new Error(`a word alone: ${form}`);
  const [verb, ...rest] = form;
  if (verb === 'version') return [];
  if (verb !== 'allow' && verb !== 'deny') throw new Error(`an unknown form: ${JSON.stringify(form)}`);
  const operations = rest.filter((part): part is string => typeof part === 'string');
  if (operations.length === 0) throw new Error(`no operation: ${JSON.stringify(form)}`);
  const filters = rest.filter((part) => typeof part !== 'string' && part[0] !== 'with');
  return [{ allow: verb === 'allow', operations, filters }];
}

function fits(filter: Form, access: Access): boolean {
  const [kind, ...values] = filter as readonly Form[];
  const [value] = values as string[];
  const path = access.path ?? '';
  switch (kind) {
    case 'require-all':
      return values.every((inner) => fits(inner, access));
    case 'require-any':
      return values.some((inner) => fits(inner, access));
    case 'require-not':
      return !fits(values[0]!, access);
    case 'literal':
      return path === value;
    case 'subpath':
      return path === value || (path !== '' && path.startsWith(value === '/' ? '/' : `${value}/`));
    case 'regex':
      return path !== '' && new RegExp(value!).test(path);
    case 'vnode-type':
      return access.type === value;
    case 'global-name':
    case 'sysctl-name':
    case 'ipc-posix-name':
      return access.name === value;
    case 'sysctl-name-prefix':
      return access.name?.startsWith(value!) ?? false;
    case 'ipc-posix-name-regex':
      return access.name !== undefined && new RegExp(value!).test(access.name);
    case 'target':
      return access.target === value || (value === 'same-sandbox' && access.target === 'self');
    case 'remote':
      return access.remote === (values[1] as string);
    case 'local':
    case 'iokit-registry-entry-class':
    case 'iokit-user-client-class':
    case 'socket-domain':
    case 'socket-protocol':
      return false;
    default:
      throw new Error(`an unknown filter: ${JSON.stringify(filter)}`);
  }
}

function parse(text: string): Form[] {
  const tokens = [...text.matchAll(/;[^\n]*|#?"(?:[^"\\]|\\[\s\S])*"|[()]|[^\s()";]+/g)].map(([token]) => token);
  const stack: Form[][] = [[]];
  for (const token of tokens) {
    if (token.startsWith(';')) continue;
    if (token === '(') stack.push([]);
    else if (token === ')') {
      const done = stack.pop();
      const around = stack.at(-1);
      if (!done || !around) throw new Error('one parenthesis too many');
      around.push(done);
    } else stack.at(-1)!.push(token.startsWith('"') ? (JSON.parse(token) as string) : token.startsWith('#"') ? token.slice(2, -1) : token);
  }
  if (stack.length !== 1) throw new Error('a parenthesis is open');
  return stack[0]!;
}
