/** Files that run something, or tell a program or an agent what it may do, outside of the program that is worked on. */
import { message, type PlainCode } from '../../messages/message.ts';
import type { ChangedText } from './changed-text.ts';
import { blocking, note, type Rule } from './rule.ts';

const KINDS: readonly { readonly code: PlainCode; readonly files: readonly RegExp[] }[] = [
  {
    code: 'integrity.ci',
    files: [
      /^\.(github|gitea|forgejo)\/(workflows|actions)\/|^\.github\/CODEOWNERS$|^CODEOWNERS$/,
      /^\.(circleci|buildkite|semaphore|woodpecker|gitlab|azure-pipelines|teamcity)\//,
      /^\.(gitlab-ci|travis|drone|cirrus|woodpecker|appveyor)\.ya?ml$|^(azure-pipelines.*|bitbucket-pipelines|appveyor|cloudbuild|codefresh)\.ya?ml$/,
      /(^|\/)Jenkinsfile[^/]*$/,
    ],
  },
  {
    code: 'integrity.hooks',
    files: [
      /(^|\/)\.(husky|githooks|git-hooks)\//,
      /(^|\/)(\.?lefthook(-local)?\.\w+|\.pre-commit-config\.ya?ml|\.overcommit\.yml|\.(simple-git-hooks|lintstagedrc)[^/]*|(lint-staged|simple-git-hooks)\.config\.\w+)$/,
    ],
  },
  {
    code: 'integrity.agents',
    files: [
      /(^|\/)\.(claude|claude-plugin|cursor|codex|gemini|qwen|opencode|kimi|kiro|roo|continue|windsurf|junie|augment|amazonq)\//,
      /(^|\/)(CLAUDE|CLAUDE\.local|AGENTS|AGENT|GEMINI|QWEN|KIMI)\.md$/i,
      /(^|\/)(\.?mcp\.json|opencode\.jsonc?|\.(cursor|windsurf|cline|roo)rules|\.clinerules\/.*|\.aider[^/]*|\.(cursor|kimi|claude)ignore)$/,
      /^\.github\/(copilot-[^/]*|(instructions|prompts|agents|chatmodes|skills)\/.*)$/,
    ],
  },
  {
    code: 'integrity.editors',
    files: [
      /(^|\/)\.vscode\/(tasks|settings|launch|mcp)\.json$|\.code-workspace$/,
      /(^|\/)\.(idea|devcontainer|zed|fleet)\/|(^|\/)\.devcontainer\.json$/,
      /(^|\/)(\.envrc|\.gitpod\.yml|\.?n?vimrc|\.exrc|\.nvim\.lua|\.dir-locals\.el|[^/]*\.sublime-project)$/,
    ],
  },
  {
    // What package managers and git run, or take programs from, before any code of the project.
    code: 'integrity.tools',
    files: [/(^|\/)(\.npmrc|\.yarnrc|\.yarnrc\.yml|\.pnpmfile\.cjs|bunfig\.toml|\.gitmodules)$/, /(^|\/)\.cargo\/config(\.toml)?$/],
  },
];

/** Whether a file is a hook of git, or tells a tool of hooks what to run. */
export const isHookFile = (path: string): boolean =>
  KINDS.some(({ code, files }) => code === 'integrity.hooks' && files.some((one) => one.test(path)));

export const guardedFiles: Rule = (files, { isNamed }) =>
  files.flatMap((file) => {
    const kind = kindOf(file);
    if (!kind) return [];
    const text = message(kind);
    return [isNamed(file.path) ? note(text, file.path, file.added[0]?.line) : blocking(text, file.path, file.added[0]?.line)];
  });

/** A file that was moved counts at both ends. */
function kindOf({ path, from }: ChangedText): PlainCode | undefined {
  const is = (files: readonly RegExp[]) => files.some((pattern) => pattern.test(path) || pattern.test(from));
  return KINDS.find(({ files }) => is(files))?.code;
}
