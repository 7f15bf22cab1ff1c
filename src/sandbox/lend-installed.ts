/** How commands under bubblewrap get what is lent: in private layers, or as copies where those cannot be mounted. */
import { privateStage } from './bubblewrap-arguments.ts';
import { lendCopies } from './lend-copies.ts';
import { canLayer, mountingCommand } from './private-layers.ts';
import type { SandboxSpec } from './types.ts';

export interface Lent {
  /** The folder for private layers; null = nothing is layered. */
  readonly layers: string | null;
  /** What mounts them before a program starts. */
  readonly mounting: readonly string[];
  /** A line for the model, or ''. */
  readonly said: string;
}

/**
 * @param unshare host program that makes a namespace to mount in, or null
 * @returns prepares a command
 */
export function lendInstalled(spec: SandboxSpec, unshare: string | null): (signal: AbortSignal) => Promise<Lent> {
  const copies = lendCopies(spec);
  return async (signal) => {
    const { layers, lent } = spec;
    if (!layers || lent.length === 0) return { layers: null, mounting: [], said: '' };
    const mounting = unshare && (await canLayer(layers, privateStage(unshare))) ? mountingCommand(layers) : null;
    return mounting ? { layers, mounting, said: '' } : { layers: null, mounting: [], said: await copies(signal) };
  };
}
