/** Waits for what is seen on the disk alone, which tells nobody when it changes. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`It did not happen in 30 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
