/** Code points, not UTF-16 units: what a person counts when a limit is named. Stops counting past `limit`. */
export function exceedsCodePoints(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  if (text.length > limit * 2) return true;
  let count = 0;
  for (const _ of text) if (++count > limit) return true;
  return false;
}

/** Marks an issue that becomes this error rather than `bad_request`. */
export const TOO_LARGE = 'too_large';
