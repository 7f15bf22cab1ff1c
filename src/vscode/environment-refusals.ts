import { consentFor, decisionsIn } from '../broker/consent.ts';
import { variableLayer } from '../config.ts';
import { entriesOf } from './brought-values.ts';

/**
 * What variables in the environment of VS Code forbid. Its own server inherits none of them, as they may name a key, an address, or less of a
 * wall; a refusal among them counts all the same, wherever it is written. Nothing is allowed by them, nor taken back.
 */
export function environmentRefusals(env: Readonly<Record<string, string | undefined>> = process.env) {
  const { neverSend, protectedBranches, repositories } = variableLayer('environment', '', env).values;
  return {
    neverSend: entriesOf('neverSend', neverSend)
      .map(String)
      .filter((pattern) => !pattern.startsWith('!')),
    protectedBranches: entriesOf('protectedBranches', protectedBranches).map(String),
    denies: (repository: string) => repositories !== undefined && consentFor(decisionsIn(parsed(repositories)), repository) === 'denied',
  };
}

/** JSON, or a word for every repository. */
function parsed(value: unknown): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return value;
  }
}
