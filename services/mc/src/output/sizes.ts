/** A size for people, in whole mebibytes. */
export const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2).toLocaleString('en')} MiB`;
