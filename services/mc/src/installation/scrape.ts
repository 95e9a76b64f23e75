/** What Prometheus would read: a sample is a name with labels, and a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-z_:][\w:]*)(?:\{([^}]*)\})? (\S+)/i;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads the text format of metrics; comments, time stamps and exemplars are left out. */
export function samplesOf(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? [];
    if (name === undefined) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, text]);
    return [{ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }];
  });
}

/** The sum of all samples of this name with these labels; undefined when there is none that has a value. */
export function sumOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}) {
  const wanted = Object.entries(labels);
  const found = samples.filter(
    (sample) => sample.name === name && !Number.isNaN(sample.value) && wanted.every(([k, v]) => sample.labels[k] === v),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}

/**
 * The value below which this share of a histogram's observations lies, as the upper bound of its bucket, seconds;
 * undefined without observations. `before` is an older reading, which is subtracted.
 */
export function quantileOf(
  samples: readonly Sample[],
  name: string,
  share: number,
  before: readonly Sample[] = [],
): number | undefined {
  const counts = new Map<number, number>();
  const add = (from: readonly Sample[], sign: number) => {
    for (const { name: of, labels, value } of from) {
      if (of !== `${name}_bucket`) continue;
      const bound = labels['le'] === '+Inf' ? Infinity : Number(labels['le']);
      counts.set(bound, (counts.get(bound) ?? 0) + sign * value);
    }
  };
  add(samples, 1);
  add(before, -1);
  const buckets = [...counts].sort(([a], [b]) => a - b);
  const all = buckets.at(-1)?.[1] ?? 0;
  if (all <= 0) return undefined;
  return buckets.find(([, count]) => count >= share * all)?.[0];
}
