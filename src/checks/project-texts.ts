/** Texts about a project, by the names that they have everywhere. Code may be called so, too: `history.js` is none. */
const BY_NAME =
  /(^|\/)(README|CHANGELOG|CHANGES|HISTORY|NEWS|CONTRIBUTING|CONTRIBUTORS|AUTHORS|MAINTAINERS|LICEN[CS]E|COPYING|NOTICE|SECURITY|CODE_OF_CONDUCT|TODO)(\.(md|mdx|markdown|rst|adoc|asciidoc|org|pod|txt))?$/i;
/** `LICENSE-MIT`, `COPYING.LESSER`, `README.zh-CN.md` */
const OF_SEVERAL = /(^|\/)((LICEN[CS]E|COPYING|NOTICE)[.-][A-Z][A-Z0-9_-]*|README[.-][\w-]+\.(md|markdown|rst|adoc|txt))$/;

export const isProjectText = (path: string): boolean => BY_NAME.test(path) || OF_SEVERAL.test(path);
