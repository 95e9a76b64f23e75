import { useLanguage, useTexts } from '../i18n/language.ts';
import type { Translating } from './use-translating.ts';

/** Stands below what it translates, with its language. */
export function TranslationView({ shown, end }: Pick<Translating, 'shown' | 'end'>) {
  const texts = useTexts();
  const language = useLanguage();
  if (shown === undefined) return null;
  if (shown.text === undefined) return <small className="translation">{texts.noTranslator}</small>;
  const name = new Intl.DisplayNames([language], { type: 'language' }).of(shown.to) ?? shown.to;
  return (
    <section className="translation" aria-label={texts.translatedInto(name)}>
      <small>{texts.translatedInto(name)}</small>
      <p dir="auto" lang={shown.to}>
        {shown.text}
      </p>
      <button type="button" className="thread-summary" onClick={end}>
        {texts.showOriginal}
      </button>
    </section>
  );
}
