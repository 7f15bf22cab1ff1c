/** The oldest Node that runs the program; package.json says the same to npm. */
export const OLDEST_NODE = '20.12';

const [MAJOR, MINOR] = OLDEST_NODE.split('.').map(Number) as [number, number];

/** @param version such as `20.12.2` */
export function runsOn(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MAJOR || (major === MAJOR && minor >= MINOR);
}

/** The same as a script that every Node understands: ends with 0 on one that is new enough. */
export const TRY_NODE = `var v=process.versions.node.split('.');process.exit(v[0]>${MAJOR}||v[0]==${MAJOR}&&v[1]>=${MINOR}?0:1)`;
