/** What whoever evaluates asks for. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

/** The two ways to solve a task: Claude with this program at hand, and Claude alone. */
export const WAYS = ['kimi', 'claude'] as const;
export type Way = (typeof WAYS)[number];

export const WAY_NAMES: Readonly<Record<Way, string>> = { kimi: 'this program', claude: 'Claude alone' };

export const HELP = `Compares this program with Claude alone, on fixes that your own repositories already hold: what it cost, and whether the tests of the
fix pass. Real models with your own keys: this spends money, up to --budget.

  npm run eval -- --repository <path or git URL> --dry-run       finds tasks and writes them to eval-results/tasks.json
  npm run eval -- --budget 10                                    works on them
  npm run eval -- --budget 10 --resume                           goes on after a stop

Tasks
  --repository <path or URL>  where fixes are looked for; more than once for several
  --last <n>                  looks at the newest n commits of each (default 200)
  --commits <sha,...>         looks at these instead, each in the repository that has it
  --tasks <n>                 stops when so many tasks are found (default 10)
  --prepare <command>         makes a fresh checkout ready for its tests, with package registries in reach; more than once for several.
                              Default: nothing, or where the tests of the fix then do not pass, what the files of the project tell of
  --test <command>            runs the tests (default: what the files of the project tell of)
  --issues                    asks gh for the text of the issue that a message names (default: the message alone)
  --dry-run                   stops when the tasks are written, and says what they can cost at most

Runs
  --budget <USD>              for all of it, an interrupted evaluation included. Needed: nothing is spent without it
  --run-budget <USD>          for one task and one way, Claude and Kimi together (default 2)
  --minutes <n>               for the same (default 30)
  --runs <kimi,claude>        which ways (default both): kimi is Claude with this program, claude is Claude alone
  --model <name>              of Claude, for both (default: what your claude uses)
  --kimi-model <name>         of Kimi (default: your setting)
  --claude <path>             the program claude (default: it is looked for)
  --out <folder>              for everything that is written (default eval-results)
  --resume                    goes on in a folder that has results; no finished run is done again

A task is a commit that changes code and tests. Its parent is the base, its tests are hidden until the end. It counts only when they fail
on the base and pass on the commit, which is tried in the sandbox; what is left out is told, with the reason. What is said of a task is the
commit's message, less what gives the solution away as far as a program can tell: read tasks.json, and edit it, before you spend money.
Hidden tests can ask for a name that no text gives; "notes" says so.

What runs where. Preparation and tests run in the sandbox of this program, always. Claude works in a fresh clone below the folder for temporary files, which has
nothing newer than the base. It may edit there (--permission-mode acceptEdits) and run commands in its own sandbox only
(sandbox.enabled, no command without): these write nowhere else, and reach package registries only. It does not see this folder, your repository or the key of Kimi, and may not search
the web. Your settings, hooks and MCP servers, and those of the repository, are left out, and so is CLAUDE.md, alike for both ways.
The code of the repositories that you name is sent to Anthropic and to the endpoint of Kimi.
Ctrl+C ends the run under way; its cost counts, and --resume does it again.`;

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);
const usd = z.coerce.number().positive().max(100_000);
const shortName = z.string().trim().min(1).max(200);

const optionsSchema = z.strictObject({
  repository: z.array(z.string().trim().min(1)).default([]),
  last: count(1, 100_000).default(200),
  commits: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .pipe(z.array(z.string().regex(/^[0-9a-f]{7,64}$/i, 'no commit id (7 hexadecimal digits or more)')))
    .optional(),
  tasks: count(1, 1000).default(10),
  prepare: z.array(z.string().trim().min(1)).optional(),
  test: z.string().trim().min(1).optional(),
  issues: z.boolean().default(false),
  'dry-run': z.boolean().default(false),
  budget: usd.optional(),
  'run-budget': usd.default(2),
  minutes: count(1, 1440).default(30),
  runs: z
    .string()
    .transform((text) => [...new Set(text.split(',').map((one) => one.trim()))])
    .pipe(z.array(z.enum(WAYS, 'kimi, claude or both')).min(1))
    .default([...WAYS]),
  model: shortName.optional(),
  'kimi-model': shortName.optional(),
  claude: z.string().trim().min(1).optional(),
  out: z.string().trim().min(1).default('eval-results'),
  resume: z.boolean().default(false),
});

export type Options = z.output<typeof optionsSchema>;

const WORDS = {
  repository: { type: 'string', multiple: true },
  last: { type: 'string' },
  commits: { type: 'string' },
  tasks: { type: 'string' },
  prepare: { type: 'string', multiple: true },
  test: { type: 'string' },
  issues: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  budget: { type: 'string' },
  'run-budget': { type: 'string' },
  minutes: { type: 'string' },
  runs: { type: 'string' },
  model: { type: 'string' },
  'kimi-model': { type: 'string' },
  claude: { type: 'string' },
  out: { type: 'string' },
  resume: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws UserError where a word or a value is wrong */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { help, ...values } = parsed(args);
  if (help) return 'help';
  const { data, error } = optionsSchema.safeParse(values);
  if (error) {
    const [issue] = error.issues;
    throw new UserError(`--${String(issue?.path[0] ?? '')}: ${issue?.message}. See npm run eval -- --help`);
  }
  return { ...data, out: path.resolve(data.out) };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: WORDS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UserError(`${(error as Error).message.split(/\.\s/)[0]}. See npm run eval -- --help`);
  }
}

/** What the user can mend; everything else is a fault of ours. */
export class UserError extends Error {}
