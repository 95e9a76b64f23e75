import { createContext, useContext } from 'react';
import { en, type Texts, zh } from './texts.ts';

export type Language = 'en' | 'zh';

export const LANGUAGES: Readonly<Record<Language, Texts>> = { en, zh };

const CHOICE = 'messagecore.language';

/** What the person chose before, or what the browser prefers. */
export function preferredLanguage(): Language {
  const choice = localStorage.getItem(CHOICE);
  if (choice === 'en' || choice === 'zh') return choice;
  return navigator.languages
    .find((tag) => /^(?:zh|en)\b/i.test(tag))
    ?.toLowerCase()
    .startsWith('zh') === true
    ? 'zh'
    : 'en';
}

export function rememberLanguage(language: Language): void {
  localStorage.setItem(CHOICE, language);
}

export const LanguageContext = createContext<Language>('en');

export function useLanguage(): Language {
  return useContext(LanguageContext);
}

export function useTexts(): Texts {
  return LANGUAGES[useLanguage()];
}
