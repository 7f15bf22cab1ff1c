/** The parts of the package that are used, by name: of a CommonJS package that is imported later a bundle knows only the whole. */
export { Agent, ProxyAgent, request } from 'undici';
