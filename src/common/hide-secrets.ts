import { maskSecrets } from './secret-forms.ts';

/** For what people are shown. A command can name a secret in its own text (`curl -H "Authorization: Bearer ..."`); here a guess is good enough. */
export function hideSecrets(text: string): string {
  return maskSecrets(text, '(hidden)')
    .replace(/\b(?:sk-|gh[posur]_|github_pat_|glpat-|xox[abpr]-|npm_|AKIA)(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{12,}/g, '(hidden)')
    .replace(/\b(Bearer|Basic)\s+[A-Za-z0-9+/=._~-]{8,}/gi, '$1 (hidden)')
    .replace(/\b([A-Za-z0-9_]*(?:API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD)[A-Za-z0-9_]*\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"']+)/gi, '$1(hidden)')
    .replace(/(:\/\/[^\s/:@]+:)[^\s/@]+@/g, '$1(hidden)@');
}
