/** A quantity of Kubernetes as a number: cores, or bytes. */
export function amountOf(quantity: string): number {
  const [, number, unit = ''] = /^(\d+)(m|Mi|Gi)?$/.exec(quantity)!;
  return Number(number) * ({ m: 0.001, Mi: 2 ** 20, Gi: 2 ** 30 }[unit] ?? 1);
}
