/**
 * Makes small projects of many kinds with their real tools, and runs the same command outside and inside; prints a table, and ends with 1
 * when a line differs. Projects whose tools are not on this machine are named.
 *
 *   npm run parity [-- --only vitest --user --verbose]
 */
import { parseArgs } from 'node:util';
import { asOrdinaryUser } from '../fakes/ordinary-user.ts';
import { compare, environmentFor, type Side } from './compare.ts';
import { canMake, PROJECTS } from './projects.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    user: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});
const before = values.user ? asOrdinaryUser() : [];
if (before === null) throw new Error('no ordinary user can run this here');
const env = environmentFor(before);
const chosen = PROJECTS.filter(({ name }) => name.toLowerCase().includes(values.only.toLowerCase()));
let unequal = 0;

console.log('| project | outside: exit, passed, failed, s | inside | equal |\n| --- | --- | --- | --- |');
for (const project of chosen) {
  if (!canMake(project, env)) {
    console.log(`| ${project.name} | not made: ${project.needs.join(', ')} missing | | |`);
    continue;
  }
  const compared = await compare(project, before).catch((error: Error) => error);
  if (compared instanceof Error) {
    unequal++;
    console.log(`| ${project.name} | ${compared.message.split('\n')[0]} | | no |`);
    if (values.verbose) console.log(compared.message);
    continue;
  }
  const { outside, inside, differences } = compared;
  const proves = outside.counts?.passed === project.outside.passed && outside.counts.failed === project.outside.failed;
  const problems = [...differences, ...(proves ? [] : ['the tests did not run outside'])];
  if (problems.length > 0) unequal++;
  console.log(`| ${project.name} | ${row(outside)} | ${row(inside)} | ${problems.length > 0 ? problems.join('; ') : 'yes'} |`);
  if (values.verbose && problems.length > 0) console.log(`outside:\n${outside.tail}\ninside:\n${inside.tail}\n`);
}
process.exitCode = unequal > 0 ? 1 : 0;

function row({ exitCode, counts, seconds }: Side): string {
  return `${exitCode}, ${counts ? `${counts.passed}, ${counts.failed}` : 'not counted'}, ${seconds.toFixed(1)}`;
}
