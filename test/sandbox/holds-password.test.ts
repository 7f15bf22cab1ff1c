import assert from 'node:assert/strict';
import { holdsPassword } from '../../src/sandbox/holds-password.ts';

const SIZE = 2 ** 18;
/** What a command may write among packages, so that nobody is answered while it is read. */
const PIECES = [
  '\n',
  '\n ',
  'secret',
  'secret-',
  'http:',
  '<!--',
  '<!---',
  'password\n',
  'token ',
  '://a',
  '://a:',
  '://1',
  '# ',
  'a=',
  'passwd.set',
  'key" ',
];

describe('whether a file of settings holds a password', () => {
  it('is told soon of whatever text', function () {
    this.timeout(60_000);
    for (const piece of PIECES) {
      const content = Buffer.from(piece.repeat(Math.floor(SIZE / piece.length)));
      const begin = performance.now();
      holdsPassword(content, '/x/pip.ini');
      assert.ok(performance.now() - begin < 4000, JSON.stringify(piece)); // it took up to a minute, and sixteen times as long for a megabyte
    }
    const blanks = performance.now();
    holdsPassword(Buffer.from(`token${' '.repeat(SIZE)}`));
    assert.ok(performance.now() - blanks < 4000);
  });

  it('is told past comments: those that are not ended, too', () => {
    const told = (text: string, path = '/x/conf') => holdsPassword(Buffer.from(text), path);
    for (const text of [
      '<!-- x --> password=x',
      '<!-- a <!-- b --> password=x',
      '<!-- password=x',
      '-->\npassword=x',
      '# x\rpassword=x',
      '<!-- a --> <!-- password=x',
    ])
      assert.ok(told(text), text);
    for (const text of ['<!-- password=x -->', '<!-- a <!-- password=x -->', '#password=x\n ;password=x', '\n\n  # password=x\r\n'])
      assert.ok(!told(text), text);
  });

  it('is told in forms of servers, and not of settings that are empty', () => {
    const told = (text: string, path = '/x/conf') => holdsPassword(Buffer.from(text), path);
    const hadoop = '<property>\n<name>javax.jdo.option.ConnectionPassword</name>\n<value>x1</value>';
    for (const text of [hadoop, '<name>fs.s3a.secret.key</name><value>x</value>', 'a b\nrequirepass x1', 'fernet_key = x1='])
      assert.ok(told(text), text);
    for (const text of [hadoop.replace('x1', ''), 'requirepass ""', 'fernet_key =\n[core]']) assert.ok(!told(text), text);
    assert.ok(!told('mysqli.default_pw =\n[x]', '/x/php.ini'));
    assert.ok(told('mysqli.default_pw = x\n[x]', '/x/php.ini'));
  });
});
