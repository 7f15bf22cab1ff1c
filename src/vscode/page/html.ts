import { escapeUntrusted } from '../../mcp/escape-untrusted.ts';

/** A piece of a page; `html` makes it, so whatever others wrote is escaped. */
export interface Html {
  readonly html: string;
}
type Part = string | number | Html | null | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** HTML with parts put in: texts are escaped, pieces stay what they are. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.map((text, index) => text + (index < parts.length ? shown(parts[index]!) : '')).join('') };
}

function shown(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return escapeUntrusted(part).replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(shown).join('');
}

/** What is HTML already: our own, or what VS Code has made of our Markdown. */
export const trustedHtml = (text: string): Html => ({ html: text });

/** A sentence of ours with names between backticks: those as code. */
export function withCode(text: string): Part {
  const parts = text.split('`');
  // an odd backtick belongs to the text
  return parts.length % 2 === 0 ? text : parts.map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`));
}

/**
 * A link that runs a command; the page allows only those that it names.
 * @param spoken what a screen reader says, where the words of the link alone leave open what it is about
 */
export function commandLink(command: string, args: readonly unknown[], label: string | Html, spoken?: string): Html {
  // VS Code decodes it twice: a percent sign of a name must not become another sign the second time.
  const href = `command:${command}?${encodeURIComponent(JSON.stringify(args).replaceAll('%', '\\u0025'))}`;
  return spoken ? html`<a href="${href}" aria-label="${spoken}">${label}</a>` : html`<a href="${href}">${label}</a>`;
}
