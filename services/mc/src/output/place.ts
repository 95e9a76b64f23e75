/** Host and port of an address, without what is secret in it. */
export function placeOf(url: string): string {
  return url
    .split(',')
    .map((part) =>
      part
        .trim()
        .replace(/^[a-z]+:\/\//, '')
        .replace(/^.*@/, '')
        .replace(/[/?].*$/, ''),
    )
    .join(', ');
}
