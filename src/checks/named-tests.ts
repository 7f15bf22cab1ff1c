/**
 * Which files the settings of a project name as tests, while an attempt is judged. Rules ask by a path, in forty places, and none of them knows of
 * settings; so the answer stands beside the attempt, and not in each of their arguments.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export type NamedAsTest = (path: string) => boolean;

const named = new AsyncLocalStorage<NamedAsTest>();

/** Whatever is asked in `act`, wherever in it, counts these as files of tests, too. */
export const withNamedTests = <T>(isNamed: NamedAsTest, act: () => T): T => named.run(isNamed, act);

export const isNamedBySettings = (path: string): boolean => named.getStore()?.(path) ?? false;
