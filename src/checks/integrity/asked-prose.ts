/** Whether a task asks for texts, comments or layout, or for tests, and for nothing else: then work that does nothing else has done it. */

const PROSE =
  /\b(?:docs?|docstrings?|document(?:s|ed|ing|ation)?|comments?|commented|readme|changelog|changes\.md|contributing|licen[cs]e|headers?|jsdoc|tsdoc|javadoc|godoc|rustdoc|docblocks?|typos?|spelling|spelled|misspelled|grammar|wording|translat\w+|explain\w*|describ\w+|pages?|articles?|posts?|faq|guides?|tutorials?|notes?|texts?|prose|markdown|release notes|format(?:ted|ting|ter)?|reformat\w*|prettier|gofmt|rustfmt|indent\w*|white ?space|blank lines?|trailing|line endings?|lint\w*)\b|\.(?:md|mdx|rst|adoc|txt)\b|文档|注释|说明|错别字|拼写|格式|翻译|空行|缩进|措辞|自述/i;
const TESTS = /\b(?:tests?|specs?|coverage|fixtures?|snapshots?|mocks?|test suite|assertions?|benchmarks?)\b|测试|用例|覆盖率|断言|快照/i;

/** What is asked for besides: `and document it`, `with tests`. */
const ALSO = /(?:\b(?:and|with|plus|including|incl\.?|as well as|then)\b|,|，|、|并且?|以及|同时|还|和)/i;
/** A sentence that asks for something. */
const ASKS =
  /^\W*(?:please |also |then |now |first |next )?(?:add|implement|make|create|let|support|fix|return|throw|handle|change|write|introduce|extend|replace|remove|delete|rename|move|use|allow|accept|reject|validate|parse|refactor|rewrite|update|correct|improve|speed|cache|log|export|expose|build|provide|turn|convert|raise|print|show|round|sort|compute|calculate|count)\b|\b(?:should|must|needs? to|has to|instead of|crash(?:es)?|throws?|fails?|returns?|gives?|wrong|incorrect)\b|^\W*(?:添加|增加|新增|实现|修复|支持|修改|让|删除|返回|移除|重构)|应该|必须|应当|而不是|报错|崩溃/i;
/** Goes on with what was said before. */
const GOES_ON = /^\W*(?:it|they|this|that|these|those|each|keep|do not|don't|leave|nothing|no other|only)\b|^\W*(?:它|不要|保持|只|仅)/i;
const SENTENCE_END = /[.;!?](?=\s|$)|[\n。；！？]/;

export const asksForProse = (task: string): boolean => asksOnlyFor(PROSE, task);
export const asksForTests = (task: string): boolean => asksOnlyFor(TESTS, task);

function asksOnlyFor(what: RegExp, task: string): boolean {
  const sentences = task.split(SENTENCE_END).filter((one) => one.trim() !== '');
  const leads = sentences.map((sentence) => ({ sentence, lead: sentence.split(ALSO)[0]! }));
  if (!sentences.some((one) => what.test(one))) return false;
  return leads.every(
    ({ sentence, lead }) => what.test(lead) || !ASKS.test(lead) || (GOES_ON.test(sentence) && !/\bnot\b.*\binstead\b/i.test(sentence)),
  );
}
