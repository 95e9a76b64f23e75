/**
 * How many characters a value has as JSON at the least, found without making the JSON: of a text as it stands, without what is
 * escaped in it. Counting ends beyond `most`. Pure.
 */
export function jsonLength(value: unknown, most: number): number {
  const left: unknown[] = [value];
  let length = 0;
  while (left.length > 0 && length <= most) {
    const next = left.pop();
    if (typeof next === 'string') length += next.length + 2;
    else if (typeof next !== 'object' || next === null) length += 1;
    else length += add(left, next, most - length);
  }
  return length;
}

/** Brackets, commas and names, when what they hold is left to count; nothing is where they are beyond `most` already. */
function add(left: unknown[], value: object, most: number): number {
  if (Array.isArray(value)) {
    const length = Math.max(2, value.length + 1);
    if (length <= most) for (const item of value) left.push(item);
    return length;
  }
  let length = 1;
  for (const [name, inner] of Object.entries(value)) {
    length += name.length + 4;
    left.push(inner);
  }
  return Math.max(2, length);
}
