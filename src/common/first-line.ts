/** The first line with something in it, without the blanks around it; '' when there is none. */
export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.trimEnd() ?? '';
}
