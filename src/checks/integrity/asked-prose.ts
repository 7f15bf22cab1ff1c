/** Whether a task asks for texts, comments or layout, or for tests, and for nothing else: then work that does nothing else has done it. */

const PATH = String.raw`[\w.-]{0,60}[/.][\w./-]{0,100}\w`;
const CODE = `(?:code|sources?|files?|imports|repository|project|${PATH})`;
/** What only people read, by a word that code is hardly called by, or by what is done with it. */
const PROSE = new RegExp(
  [
    String.raw`\b(?:docs?|docstrings?|documentation|documented|comments?|commented|readme|changelog|contributing|contributors|authors|copyright|code[ _]of[ _]conduct|jsdoc|tsdoc|javadoc|godoc|rustdoc|docblocks?|checkjs|faq|tutorials?|guides?|prose|release notes|adrs?|typos?|spelling|spelled|misspelled|grammar|wording|rephras\w+|prettier|gofmt|rustfmt|reformat\w*|white ?space|blank lines?|line endings?|line length|deprecated)\b`,
    String.raw`\.(?:md|mdx|rst|adoc|txt)(?!\w)`,
    String.raw`\blicen[cs]e\b|\bLICEN[CS]E\b`,
    String.raw`\b(?:licen[cs]e|copyright|file|comment) headers?\b|\bheaders? (?:of|in|at|to|for) (?:all |every |the )*${CODE}`,
    String.raw`\bformat(?:ting)? (?:of )?(?:all |the |every )*${CODE}|\bindent\w* (?:of |in )?(?:all |the |every )*${CODE}|\bindent\w* (?:with|by) (?:tabs|\w+ spaces)`,
    String.raw`\b(?:tabs|spaces)\b.{1,40}\b(?:tabs|spaces)\b|\btrailing (?:spaces|blanks|newlines?)\b|\b\d+ (?:columns|characters)\b|\blint(?:er)? (?:errors?|warnings?|issues?|findings?|complaints?)\b`,
    String.raw`^\W*(?:please )?(?:document|describe|explain|clarify)\b(?!\()|\b(?:explaining|describing|a note (?:that|on|about|above|in|to))\b`,
    String.raw`^\W*(?:please )?(?:tell|say|state|mention)\b.*\b(?:why|in ${PATH})`,
    '文档|注释|说明|错别字|拼写|(?:代码|源码)(?:的)?格式|格式化(?:代码|源码)|缩进|措辞|自述|多余空行',
  ].join('|'),
  'i',
);
const TESTS = new RegExp(
  [
    String.raw`\b(?:tests?|test suite|coverage)\b`,
    String.raw`\b(?:updat|regenerat|refresh|record|fix|repair|extend|adapt|clean|rewrit|simplif|remov|renam|mov)\w* (?:up )?(?:all |the |its |old |outdated |stale )*(?:snapshots?|fixtures?|mocks?|specs?|assertions?|benchmarks?)\b(?! of)`,
    String.raw`\b(?:specs?|benchmarks?|snapshots?|fixtures?|assertions?) (?:for|of|on)\b`,
    '测试|用例|覆盖率|断言|快照',
  ].join('|'),
  'i',
);

/** What is called by such a word, and is code: `a comments endpoint`, `test mode`. */
const THING =
  'accounts?|apis?|arguments?|buttons?|commands?|counts?|databases?|detect\\w*|endpoints?|environments?|events?|extract\\w*|fields?|filters?|flags?|forms?|frameworks?|handl\\w+|harness|hooks?|ids?|keys?|limits?|loaders?|menus?|middlewares?|modes?|models?|objects?|options?|pars\\w+|plugins?|propert\\w+|queries|query|render\\w*|resolvers?|routers?|routes?|rules?|runners?|scanner|schemas?|servers?|services?|stores?|support|tables?|tokens?|toggles?|tokeni\\w+|views?|widgets?';
const CALLED_SO = new RegExp(String.raw`\b[a-z][\w.-]{0,40} (?:${THING})\b`, 'gi');
/** What people write about, in which words of prose are data: `comments to posts`, `the licenses of users`; not where code is called after it. */
const SUBJECT =
  '(?:posts?|articles?|accounts?|albums?|blogs?|books?|cards?|courses?|customers?|galler(?:y|ies)|games?|images?|invoices?|issues|lessons?|movies?|orders?|photos?|pictures?|products?|profiles?|recipes?|songs?|stories|story|threads?|tickets?|tracks?|tours?|uploads?|users?|videos?)';
const ABOUT = '(?:comments?|authors?|contributors?|copyrights?|documents?|guides?|licen[cs]es?|tutorials?|faqs?)';
const IS_DATA = new RegExp(
  String.raw`\b${ABOUT} (?:about|below|beneath|by|for|from|of|on|to|under|with) (?:(?:a|all|an|any|each|every|his|its|our|the|their|\w+'s) ){0,3}${SUBJECT}(?![\w/(]|\.\w| (?:\w+ )?(?:\w*(?:file|class|code|config|controller|function|handler|helper|interface|list|loader|method|model|module|package|page|parser|reducer|router?|schema|script|service|source|store|struct|suite|table|test|type|util|validator|view)(?:e?s)?)\b)|\b${SUBJECT} ${ABOUT}\b`,
  'gi',
);
/** Of tests these are words, too: `a test class`. */
const CODE_THING =
  /\b[a-z][\w.-]{0,40} (?:class(?:es)?|columns?|components?|functions?|generators?|lists?|methods?|modules?|parameters?|readers?|types?|writers?|builders?)\b/gi;
/** `README.md`, `src/a.test.ts` and `LICENSE` stay; names of code, and what is called, say nothing. */
const NAME_OF_CODE = /`(?![A-Z_]+`)[\w$.#:]*[\w$]`(?<!\.(?:md|mdx|rst|adoc|txt)`)|`[^`]*[()=<>{}[\];][^`]*`|[\w$.]+\(/g;
/** Who asks for this asks for code, unless for what stands in a text. */
const IS_CODE =
  /^\W*(?:please )?(?:implement|support|return|throw|handle|parse|validate|accept|reject|cache|raise|count|compute|calculate|escape|strip|trim|render|serialize|store|ignore|skip|fetch|filter|allow|extract|detect|highlight|tokenize)\b|^\W*(?:实现|支持|忽略|跳过|解析|处理|返回|校验|验证|渲染)|\b(?:crash(?:es)?|throws?|raises?|hangs?)\b/i;
const IN_A_TEXT =
  /\b(?:readme|changelog|contributing|docs?\/|documentation|docstrings?|jsdoc|tsdoc|javadoc|comments?) ?(?:of|in|on|to|at|for|$)|\.(?:md|mdx|rst|adoc)(?!\w)/i;

const plain = (text: string): string => text.replace(NAME_OF_CODE, ' ').replace(CALLED_SO, ' ').replace(IS_DATA, ' ');
const saysProse = (text: string): boolean =>
  (!IS_CODE.test(text) || IN_A_TEXT.test(text.replace(/^\W*(?:please )?\w+ comments?/i, ''))) &&
  PROSE.test(plain(text).replace(CODE_THING, ' '));
const saysTests = (text: string): boolean => !IS_CODE.test(text) && TESTS.test(plain(text));

/** What is asked for besides: `and document it`, `with tests`. */
const ALSO = /(?:\b(?:and|with|plus|including|incl\.?|as well as|then)\b|,|，|、|并且?|以及|同时|还|和)/i;
/** A sentence that asks for something. */
const ASKS =
  /^\W*(?:please |also |then |now |first |next )?(?:add|implement|make|create|let|support|fix|return|throw|handle|change|write|introduce|extend|replace|remove|delete|rename|move|use|allow|accept|reject|validate|parse|refactor|rewrite|update|correct|improve|speed|cache|log|export|expose|build|provide|turn|convert|raise|print|show|round|sort|compute|calculate|count)\b|\b(?:should|must|needs? to|has to|instead of|crash(?:es)?|throws?|fails?|returns?|gives?|wrong|incorrect)\b|^\W*(?:添加|增加|新增|实现|修复|支持|修改|让|删除|返回|移除|重构)|应该|必须|应当|而不是|报错|崩溃/i;
/** Goes on with what was said before. */
const GOES_ON = /^\W*(?:it|they|this|that|these|those|each|keep|do not|don't|leave|nothing|no other|only)\b|^\W*(?:它|不要|保持|只|仅)/i;
const SENTENCE_END = /[.;!?](?=\s|$)|[\n。；！？]/;

/** Of one sentence no more is looked at. */
const LONGEST = 1000;

export const asksForProse = (task: string): boolean => asksOnlyFor(saysProse, task);
export const asksForTests = (task: string): boolean => asksOnlyFor(saysTests, task);

function asksOnlyFor(says: (text: string) => boolean, task: string): boolean {
  const sentences = task.split(SENTENCE_END).filter((one) => one.trim() !== '');
  const leads = sentences.map((sentence) => ({ sentence, lead: sentence.split(ALSO)[0]! }));
  if (!sentences.some((one) => says(one.slice(0, LONGEST)))) return false;
  return leads.every(
    ({ sentence, lead }) =>
      says(lead.slice(0, LONGEST)) || !ASKS.test(lead) || (GOES_ON.test(sentence) && !/\bnot\b.*\binstead\b/i.test(sentence)),
  );
}
