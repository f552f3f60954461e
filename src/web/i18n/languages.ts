/** Languages of the page, by their tag (BCP 47), each called as its speakers call it. */
export const languages = { en: 'English', 'zh-TW': '繁體中文' } as const;
export type Language = keyof typeof languages;

/** The language of the page for what a browser asks for, best first: `['zh-Hant-HK', 'en']` gives `zh-TW`. */
export function matchLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (/^zh\b/i.test(tag)) return 'zh-TW';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}
