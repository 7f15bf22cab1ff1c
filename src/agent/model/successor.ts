/** Models that follow a retired one, the nearest first. Kimi retires a model weeks after it announced that; then requests for it fail. */
const SUCCESSORS = ['kimi-k2.7-code', 'kimi-k3', 'kimi-k3.1-pro'] as const;

/** Names that the platform once had, or has: whoever asks for one wrote no wrong name. */
export function wasOffered(model: string): boolean {
  return /^(kimi-(k2|latest|thinking)|moonshot-v1)/.test(model) || SUCCESSORS.some((name) => name === model);
}

/** What to take instead of a model that the endpoint does not offer, the nearest first; none when nothing that it offers is known to follow. */
export function successorsOf(model: string, offered: readonly string[]): string[] {
  return wasOffered(model) ? SUCCESSORS.filter((name) => name !== model && offered.includes(name)) : [];
}
