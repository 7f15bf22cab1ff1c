import assert from 'node:assert/strict';
import path from 'node:path';
import { PAGES, readPage } from './pages.ts';

describe('documents in English and Chinese', () => {
  it('are the README, every page of docs/ and that of the plugin', () => {
    assert.ok(PAGES.includes('docs/platforms.md') && PAGES.length >= 8, String(PAGES));
  });

  for (const page of PAGES)
    describe(page, () => {
      const { intro, english, chinese } = halves(page);

      it('leads to both languages, and has each in its half', () => {
        assert.match(intro, /^# .+\n\n\[English\]\(#english\) · \[中文\]\(#中文\)\n\n$/);
        const wrong = [
          ...prose(english).filter(({ text }) => HAN.test(text)),
          ...prose(chinese).filter(({ text }) => UNTRANSLATED.test(text.replaceAll(IN_CODE, ''))),
        ];
        assert.ok(prose(chinese).some(({ text }) => HAN.test(text)));
        assert.deepEqual(wrong, []);
      });

      it('has the same headings, paragraphs, points, rows and blocks of code in the same order', () => {
        const kinds = (blocks: readonly Block[]) => blocks.map(({ kind }) => kind);
        assert.deepEqual(kinds(chinese), kinds(english));
      });

      it('has the same code, but for what its comments say', () => {
        const code = (blocks: readonly Block[]) =>
          blocks.filter(({ kind }) => kind.startsWith('code')).map(({ text }) => withoutWords(text));
        assert.deepEqual(code(chinese), code(english));
      });

      for (const [what, found] of Object.entries({
        'names and commands': names,
        numbers,
        'links and pictures': (text: string) => links(page, text),
      }))
        it(`has the same ${what} in each of them`, () => {
          const other = prose(chinese);
          const differ = prose(english).flatMap(({ text }, at) => {
            const [inEnglish, inChinese] = [found(text), found(other[at]?.text ?? '')];
            const missing = inEnglish.filter((each) => !inChinese.includes(each));
            const added = inChinese.filter((each) => !inEnglish.includes(each));
            return missing.length + added.length > 0 ? [{ text, missing, added }] : [];
          });
          assert.deepEqual(differ, []);
        });
    });
});

interface Block {
  /** Heading and its level, paragraph, point, table row and its cells, line of a quotation, code and its language. */
  readonly kind: string;
  readonly text: string;
}

const HAN = /[\u4e00-\u9fff]/;
/** Three small words in a row; names begin with a capital. */
const UNTRANSLATED = /\b[a-z]+ [a-z]+ [a-z]+\b/;
const IN_CODE = /`([^`\n]+)`/g;
const prose = (blocks: readonly Block[]) => blocks.filter(({ kind }) => !kind.startsWith('code'));

function halves(page: string): { intro: string; english: Block[]; chinese: Block[] } {
  const { intro, english, chinese } = readPage(page);
  return { intro, english: blocksOf(english), chinese: blocksOf(chinese) };
}

function blocksOf(half: string): Block[] {
  const blocks: Block[] = [];
  for (const [, fence, language, code, line] of half.matchAll(/^(> |)```(\w*)\n([\s\S]*?)^\1```$|^(.*)$/gm)) {
    if (fence !== undefined) blocks.push({ kind: `code ${language}`, text: code! });
    else if (line) addLine(blocks, line);
    else blocks.push({ kind: 'blank', text: '' });
  }
  return blocks.filter(({ kind }) => kind !== 'blank');
}

function addLine(blocks: Block[], line: string): void {
  const last = blocks.at(-1);
  const cells = line.split(/(?<!\\)\|/).length - 2;
  const kind = line.startsWith('|')
    ? `table row of ${cells}`
    : /^>( |$)/.test(line)
      ? 'quoted'
      : line.startsWith('- ')
        ? 'point'
        : (/^#+/.exec(line)?.[0] ?? 'paragraph');
  const goesOn = kind === 'paragraph' || kind === 'quoted';
  // Where a line ends within a paragraph is nobody's business.
  if (goesOn && last && (last.kind === kind || (kind === 'paragraph' && last.kind === 'point')))
    blocks.splice(-1, 1, { kind: last.kind, text: `${last.text}\n${line}` });
  else blocks.push({ kind, text: line });
}

const eachOnce = (found: string[]) => [...new Set(found)].sort();

/** In Chinese they have numbers. */
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const MONTH = new RegExp(`(${MONTHS.join('|')})(?= \\d{4})`, 'g');

/** Code without comments. */
function withoutWords(code: string): string {
  return code.replaceAll(/(^| +)# .*$/gm, '');
}

function names(text: string): string[] {
  return eachOnce([...text.matchAll(IN_CODE)].map(([, name]) => name!));
}

function numbers(text: string): string[] {
  const plain = text
    .replaceAll(IN_CODE, '')
    .replaceAll(/\]\([^)]*\)/g, ']')
    .replaceAll(MONTH, (name) => String(MONTHS.indexOf(name) + 1));
  return eachOnce([...plain.matchAll(/\d+(?:[.,]\d+)*/g)].map(([found]) => found));
}

/** Where the links of a text lead: a section by its number, as its name is another in each language. Pictures show the window in it. */
function links(page: string, text: string): string[] {
  return [...text.matchAll(/(!?)\[[^\]]*\]\(([^)\s]+)\)/g)].map(([, picture, target = '']) => {
    if (picture) return 'a picture';
    const [file = '', anchor] = target.split('#');
    if (!anchor || /^https?:/.test(target)) return target;
    const to = file ? path.join(path.dirname(page), file) : page;
    const { english, chinese } = halves(to);
    const at = (HAN.test(text) ? chinese : english)
      .filter(({ kind }) => kind.startsWith('#'))
      .findIndex((heading) => slug(heading.text) === decodeURIComponent(anchor));
    assert.ok(at >= 0, `${page} leads to #${anchor}, which the same language of ${to} does not have`);
    return `${to}, section ${at}`;
  });
}

/** As GitHub makes the names of headings. */
function slug(heading: string): string {
  const words = heading.replace(/^#+ /, '').toLowerCase();
  return words.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}
