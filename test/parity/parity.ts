/**
 * Makes small projects of many kinds with their real tools, and runs the same command outside and inside; prints a table, and ends with 1
 * when a line differs. Projects whose tools are not on this machine are named. Or does the same with what is committed in a repository.
 *
 *   npm run parity [-- --only vitest --user --verbose]
 *   npm run parity -- --repository <path> --command "npm test" [--install "npm ci"] [--user --verbose]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { asOrdinaryUser } from '../fakes/ordinary-user.ts';
import { compare, environmentFor, type Side } from './compare.ts';
import { canMake, NotReached } from './make-project.ts';
import { PROJECTS, type Project } from './projects.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    repository: { type: 'string' },
    install: { type: 'string', multiple: true, default: [] },
    command: { type: 'string', default: '' },
    user: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const before = values.user ? asOrdinaryUser() : [];
if (before === null) throw new Error('no ordinary user can run this here');
const env = environmentFor(before);
const chosen = values.repository === undefined ? PROJECTS.filter(isWanted) : [givenRepository(values.repository)];
let unequal = 0;

console.log('| project | outside: exit, passed, failed, s | inside | equal |\n| --- | --- | --- | --- |');
for (const project of chosen) {
  if (!canMake(project, env)) {
    console.log(`| ${project.name} | not made: ${project.needs.join(', ')} missing | | |`);
    continue;
  }
  const compared = await compare(project, before).catch((error: Error) => error);
  if (compared instanceof NotReached) {
    console.log(`| ${project.name} | not made: ${compared.message} | | |`);
    if (values.verbose) console.log(compared.cause);
    continue;
  }
  if (compared instanceof Error) {
    unequal++;
    console.log(`| ${project.name} | ${compared.message.split('\n')[0]} | | no |`);
    if (values.verbose) console.log(compared.message);
    continue;
  }
  const { outside, inside, differences, told, report } = compared;
  const problems = [...differences, ...(ranOutside(project, outside) ? [] : ['the tests did not run outside'])];
  if (problems.length > 0) unequal++;
  console.log(
    `| ${project.name} | ${row(outside)} | ${row(inside)} | ${problems.join('; ') || (told.length > 0 ? 'no, as the report says' : 'yes')} |`,
  );
  if (values.verbose) console.log(`outside:\n${outside.tail}\ninside:\n${inside.tail}\nreport:\n${report}\n`);
}
process.exitCode = unequal > 0 ? 1 : 0;

function isWanted({ name }: Project): boolean {
  return name.toLowerCase().includes(values.only.toLowerCase());
}

function givenRepository(folder: string): Project {
  if (values.command === '') throw new Error('--repository needs --command "<what runs its tests>"');
  const repository = path.resolve(folder);
  return { name: path.basename(repository), needs: [], files: {}, repository, install: values.install, command: values.command };
}

/** Where it is not known what the tests give, some must have passed. */
function ranOutside({ outside: known }: Project, { counts, exitCode }: Side): boolean {
  if (known) return counts?.passed === known.passed && counts.failed === known.failed;
  return counts ? counts.passed > 0 : exitCode === 0;
}

function row({ exitCode, counts, seconds }: Side): string {
  return `${exitCode}, ${counts ? `${counts.passed}, ${counts.failed}` : 'not counted'}, ${seconds.toFixed(1)}`;
}
