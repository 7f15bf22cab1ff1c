/**
 * The same code, of whose text nothing is there to be read: a test that looks for a name or counts signs in it finds none, one that runs it notices
 * nothing. Only where a language can run a text, and nothing in the file asks where it stands.
 */
import { languageOf } from './mask-code.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Of a module that is no function's body. */
const OF_MODULES = /^[^\S\n\r\u2028\u2029]*(?:import\b(?!\s*\()|export\b|await\b)|\bimport\.meta\b|^#!/m;
const ITS_PLACE = { rb: /\brequire_relative\b|__dir__|__FILE__|__END__|\bDATA\b/, php: /__FILE__|__DIR__|__LINE__|__halt_compiler|\?>/ };

/** @returns null where it cannot be run so */
export function encodedCode(file: string, text: string): string | null {
  const language = languageOf(file);
  if (language === 'js') {
    if (!/\.c?js$/.test(file) || OF_MODULES.test(text)) return null;
    const names = ['exports', 'require', 'module', '__filename', '__dirname'];
    const code = `Buffer.from('${base64(text)}', 'base64').toString()`;
    // What a function says of itself is its text, too.
    return `Function.prototype.toString = () => 'function () { [native code] }';\nnew Function(${names.map((name) => `'${name}'`).join(', ')}, ${code}).call(exports, ${names.join(', ')});\n`;
  }
  if (language === 'py' && file.endsWith('.py'))
    return `exec(compile(__import__('base64').b64decode('${base64(text)}'), __file__, 'exec'))\n`;
  if (language === 'rb' && !ITS_PLACE.rb.test(text))
    return `eval('${base64(text)}'.unpack1('m').force_encoding('UTF-8'), TOPLEVEL_BINDING, __FILE__, 1)\n`;
  if (language === 'php' && /^<\?php\s/.test(text) && !ITS_PLACE.php.test(text))
    return `<?php\neval(base64_decode('${base64(text.slice('<?php'.length))}'));\n`;
  return null;
}
