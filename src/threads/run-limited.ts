/**
 * Runs a task for each item, at most `limit` at once, and gives the results in the items' order. The first failure aborts the signal that
 * the others see, waits until they have ended, and is thrown.
 */
export async function runLimited<I, R>(
  items: readonly I[],
  { limit, signal }: { readonly limit: number; readonly signal: AbortSignal },
  task: (item: I, signal: AbortSignal, index: number) => Promise<R>,
): Promise<R[]> {
  const stop = new AbortController();
  const combined = AbortSignal.any([signal, stop.signal]);
  const results: R[] = new Array(items.length);
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const work = async () => {
    while (next < items.length && !combined.aborted) {
      const index = next++;
      try {
        results[index] = await task(items[index]!, combined, index);
      } catch (error) {
        failure ??= { error };
        stop.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failure) throw failure.error;
  signal.throwIfAborted();
  return results;
}
