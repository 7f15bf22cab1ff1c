/** Small projects of many kinds, made with their real tools: each has dependencies, tests that pass, and one that fails; or a repository. */
import { BROWSER_PROJECTS } from './browser-projects.ts';
import { NODE_PROJECTS } from './node-projects.ts';
import { OTHER_PROJECTS } from './other-projects.ts';
import { PACKAGE_MANAGERS } from './package-managers.ts';

export interface Project {
  readonly name: string;
  /** Programs without which it is left out. */
  readonly needs: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Instead of files: a repository whose HEAD is checked out. */
  readonly repository?: string;
  /** Commands of a shell that install what it needs, with a network and the registries of `registry.ts`, which are gone by the time of the tests. */
  readonly install: readonly string[];
  /** What must be reached for that; where it is not, the project is left out. */
  readonly from?: string;
  /** What is run outside and inside. */
  readonly command: string;
  /** What the outside gives, where it is known: a project of which nothing runs proves nothing. */
  readonly outside?: { readonly passed: number; readonly failed: number };
  /** Root's result differs from that of other users, and of root inside; the report has a line for it. */
  readonly differsForRoot?: true;
  /** Installs and runs so quickly that every run of the tests can afford it. */
  readonly small?: true;
}

export const PROJECTS: readonly Project[] = [...NODE_PROJECTS, ...PACKAGE_MANAGERS, ...BROWSER_PROJECTS, ...OTHER_PROJECTS];
