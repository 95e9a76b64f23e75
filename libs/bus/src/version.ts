/**
 * The oldest NATS that does no harm when its disk is full: older ones stop for good or acknowledge what they have not
 * stored (docs/decisions/0010-which-nats.md). An older one works otherwise, so it is warned of and not refused.
 */
export const MINIMUM_NATS = '2.12.15';

/** What is to be said of a server of this version; undefined when nothing is. */
export function warningOf(version: string): string | undefined {
  const [given, least] = [version, MINIMUM_NATS].map(
    (text) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number) ?? [],
  );
  for (const [place, number] of (least ?? []).entries()) {
    const own = given?.[place];
    if (own === undefined || own > number) return undefined;
    if (own < number) return `NATS ${version} is older than ${MINIMUM_NATS}: a full disk may stop it for good`;
  }
  return undefined;
}
