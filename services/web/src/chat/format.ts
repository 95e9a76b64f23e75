import type { Texts } from '../i18n/texts.ts';
import type { Language } from '../i18n/language.ts';

const DAY_MS = 24 * 3_600_000;

/** A number that changes at midnight, where the person is. */
export function dayOf(at: number): number {
  const date = new Date(at);
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);
}

export function timeOf(at: number, language: Language): string {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(at);
}

/** “Today”, “Yesterday”, or the date. */
export function dayName(at: number, now: number, language: Language, texts: Texts): string {
  const ago = dayOf(now) - dayOf(at);
  if (ago === 0) return texts.today;
  if (ago === 1) return texts.yesterday;
  const year = ago > 300 ? { year: 'numeric' as const } : {};
  return new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long', ...year }).format(at);
}

/** For a list: the time today, the day before that. */
export function shortDate(at: number, now: number, language: Language, texts: Texts): string {
  const ago = dayOf(now) - dayOf(at);
  if (ago === 0) return timeOf(at, language);
  if (ago === 1) return texts.yesterday;
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' }).format(at);
}

/** A date with its time. */
export function dateOf(at: number, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(at);
}

/** The time today, the weekday with it within a week, the date with it later. */
export function momentOf(at: number, now: number, language: Language): string {
  const days = dayOf(at) - dayOf(now);
  if (days === 0) return timeOf(at, language);
  if (days < 0 || days > 7) return dateOf(at, language);
  return new Intl.DateTimeFormat(language, { weekday: 'short', hour: '2-digit', minute: '2-digit' }).format(at);
}

/** For a field of the browser: the time where the person is, to the minute. */
export function localTime(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** One or two letters: the first of the first and last word; one character where names have no spaces. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const firsts = (words.length === 1 ? words : [words[0], words.at(-1)]).map((word) => Array.from(word ?? '')[0] ?? '');
  return firsts.join('').toLocaleUpperCase();
}

/** Hues that look well with white letters; yellows and olives do not. */
const HUES = [262, 300, 335, 12, 38, 158, 190, 228] as const;

/** A colour that belongs to an id, the same in every browser. */
export function hueOf(id: string): number {
  let hash = 0;
  for (const character of id) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 100_003;
  return HUES[hash % HUES.length] ?? HUES[0];
}
