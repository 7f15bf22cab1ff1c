/** The repository that the extension's demo makes, too. */
export { DEMO_BUG as BUG, makeDemoRepository as makeSample } from '../../src/workspace/demo-repository.ts';
