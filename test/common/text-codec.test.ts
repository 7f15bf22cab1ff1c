import assert from 'node:assert/strict';
import { asUtf8, encodeText } from '../../src/common/text-codec.ts';

describe('bytes for readers of UTF-8', () => {
  const text = 'int main() { /* 文件中的错误，请检查编译 */ }\n';

  it('are the text, from encodings that are known', () => {
    for (const encoding of ['gbk', 'utf-16le'] as const)
      assert.equal(asUtf8(encodeText({ text, encoding, bom: encoding === 'utf-16le' })).toString(), text, encoding);
  });

  it('are what they were, from UTF-8, no text, no known encoding, and what is huge', () => {
    const huge = Buffer.concat(Array<Buffer>(60_000).fill(encodeText({ text, encoding: 'gbk', bom: false })));
    const others = [
      Buffer.from(text),
      Buffer.from(`\ufeff${text}`),
      Buffer.from('89504e470d0a1a0a0000', 'hex'),
      Buffer.from('fffdc328c30a', 'hex'),
    ];
    for (const bytes of [...others, huge]) assert.equal(asUtf8(bytes), bytes);
  });
});
