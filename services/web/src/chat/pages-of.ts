interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The pages of a list, one after the other. `read` is given what to add to the first question; it rejects as `read` does. */
export async function* pagesOf<T>(
  read: (place: { readonly cursor?: string }) => Promise<Page<T>>,
): AsyncGenerator<readonly T[]> {
  for (let place: { cursor?: string } = {}; ;) {
    const { items, next } = await read(place);
    yield items;
    if (next === null) return;
    place = { cursor: next };
  }
}

/** All of a list. */
export async function allOf<T>(read: Parameters<typeof pagesOf<T>>[0]): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const items of pagesOf(read)) all.push(...items);
  return all;
}
