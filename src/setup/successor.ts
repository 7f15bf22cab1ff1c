/** Models that follow a retired one, the nearest first. Kimi retires a model weeks after it announced that; then requests for it fail. */
const SUCCESSORS = ['kimi-k2.7-code', 'kimi-k3', 'kimi-k3.1-pro'] as const;

/** What to take instead of a model that the endpoint does not offer; null when nothing that it offers is known to follow. */
export function successorOf(model: string, offered: readonly string[]): string | null {
  if (!/^kimi-k2/.test(model) && !SUCCESSORS.some((name) => name === model)) return null;
  return SUCCESSORS.find((name) => name !== model && offered.includes(name)) ?? null;
}
