import type { Locale } from 'antd/es/locale';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Language } from './languages.ts';
import { loadSentences } from './told.ts';

/** Loads the texts of a language, ours and those of the components, and speaks it from then on. */
export async function openCatalogue(language: Language): Promise<Locale> {
  const { texts, locale } = await (language === 'zh-TW' ? import('./load-zh-tw.ts') : import('./load-en.ts'));
  if (!i18next.isInitialized) {
    await i18next.use(initReactI18next).init({
      lng: language,
      resources: { [language]: texts },
      ns: Object.keys(texts),
      fallbackLng: false,
      // React escapes.
      interpolation: { escapeValue: false },
      returnNull: false,
    });
  } else {
    for (const [feature, catalogue] of Object.entries(texts)) i18next.addResourceBundle(language, feature, catalogue);
    await i18next.changeLanguage(language);
  }
  document.documentElement.lang = language;
  if (language === 'zh-TW') void loadSentences();
  return locale;
}
