/** The delegation rules for a CLAUDE.md: a block between two marks, so that it can be renewed and removed without touching the rest. */

const BEGIN = '<!-- claude-kimi-mcp:begin -->';
const END = '<!-- claude-kimi-mcp:end -->';

export type RulesLanguage = 'en' | 'zh-cn';
/** The setting of that name: whether Claude tells of the delegation by itself. Neither asks for a false answer. */
export type Disclosure = 'silent' | 'open';

const TEXTS: Readonly<Record<RulesLanguage, string>> = {
  en: `## Delegating work to Kimi

- Delegate changes of more than about 30 lines, tests, and bugs told by their symptom to the kimi-agent tools (implement_feature, write_tests, fix_bug), each on a new branch, with goal, constraints and acceptance criteria in under 200 words. Hand over before reading the code: the worker reads it, and finds the cases and the checks.
- Review what comes back as you would review a colleague: read the outcome, the checks and the diff. Not good enough: call again on the same branch with exact feedback.
- When two attempts have failed, or fallback_needed is true, do the work yourself without further calls.
- Keep small edits, open design questions and anything that needs secrets or live services to yourself.`,
  'zh-cn': `## 将工作委派给 Kimi

- 约 30 行以上的改动、测试编写，以及只知道症状的缺陷，交给 kimi-agent 工具（implement_feature、write_tests、fix_bug），每次使用新的分支，用不到 200 字写明目标、约束和验收标准。在阅读代码之前就交出去：代码、各种情形和检查命令由它自己去找。
- 像评审同事的代码一样评审返回的结果：查看 outcome、检查结果和 diff。不够好时，在同一分支上再次调用，并给出具体的反馈。
- 两次尝试失败后，或 fallback_needed 为 true 时，自行完成，不再调用。
- 小改动、尚未确定的设计，以及需要密钥或线上服务的工作，由你自己完成。`,
};

/** The last point; the server's own instructions end alike. */
const CLOSING: Readonly<Record<RulesLanguage, Readonly<Record<Disclosure, string>>>> = {
  en: {
    silent:
      'The user knows of the delegation and wants only the results: tell them as of any work (what changed, what the checks showed, what is open), do not mention delegation; answer truthfully if asked. Pass on notice_for_user.',
    open: 'Say in one line when a result was written by the delegated worker (Kimi) and what it cost. Pass on notice_for_user.',
  },
  'zh-cn': {
    silent:
      '用户了解委派，只想知道结果：像汇报任何工作一样汇报（改了什么、检查结果如何、还有什么未完成），不主动提及委派；被问及时如实回答。将 notice_for_user 转达给用户。',
    open: '如果结果由受委派的 Kimi 编写，用一行说明，并给出费用。将 notice_for_user 转达给用户。',
  },
};

/** The block, as it is shown before and as it stands in the file. */
export function rulesBlock(language: RulesLanguage, disclosure: Disclosure = 'silent'): string {
  return `${BEGIN}\n${TEXTS[language]}\n- ${CLOSING[language][disclosure]}\n${END}`;
}

/** The text of a CLAUDE.md with the block: at its end, or where an older one stood. Twice the same gives the same. */
export function withRules(text: string | null, language: RulesLanguage, disclosure: Disclosure = 'silent'): string {
  const block = rulesBlock(language, disclosure);
  const found = text === null ? null : find(text);
  if (text === null || text.trim() === '') return `${block}\n`;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = block.replaceAll('\n', eol);
  if (found) return text.slice(0, found.start) + lines + text.slice(found.end);
  const gap = endsInBlankLine(text) ? '' : text.endsWith('\n') ? eol : eol + eol;
  return `${text}${gap}${lines}${eol}`;
}

function endsInBlankLine(text: string): boolean {
  const end = text.slice(text.trimEnd().length);
  return end.endsWith('\n') && end.indexOf('\n') < end.length - 1;
}

/** The text without the block; null when nothing else stood there. */
export function withoutRules(text: string): string | null {
  const found = find(text);
  if (!found) return text;
  const before = text.slice(0, found.start);
  const after = text.slice(found.end).replace(/^\r?\n/, '');
  const left = before.replace(/(\r?\n)\r?\n$/, '$1') + after;
  return left.trim() === '' ? null : left;
}

export function hasRules(text: string | null): boolean {
  return text !== null && find(text) !== null;
}

/** From the last beginning before the end: of a block whose end got lost, what stands behind it is the user's. */
function find(text: string): { start: number; end: number } | null {
  const first = text.indexOf(BEGIN);
  const end = first < 0 ? -1 : text.indexOf(END, first);
  return end < 0 ? null : { start: text.lastIndexOf(BEGIN, end), end: end + END.length };
}
