/**
 * Joins single calls into batches without a timer: what is asked while a batch is under way forms the next one, so a
 * lone call goes at once and a crowd costs few calls. `run` answers in the order asked; when it fails, its batch fails.
 */
export function coalesce<I, O>(
  run: (items: readonly I[]) => Promise<readonly O[]>,
  maxItems = 512,
): (item: I) => Promise<O> {
  interface Waiting {
    readonly item: I;
    readonly resolve: (result: O) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let underWay = false;

  async function drain(): Promise<void> {
    underWay = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxItems);
      try {
        const results = await run(batch.map(({ item }) => item));
        if (results.length !== batch.length) throw new Error(`${results.length} answers to ${batch.length} questions`);
        for (const [index, { resolve }] of batch.entries()) resolve(results[index] as O);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    underWay = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!underWay) void drain();
    });
}
