/** `+84 −3`, with a real minus sign. */
export function sizeText(change: { added: number; removed: number }): string {
  return `+${change.added} −${change.removed}`;
}
