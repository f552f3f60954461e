import { describe, expect, it } from 'vitest';
import { matchLanguage } from './languages.ts';

describe('matchLanguage', () => {
  it.each([
    [['zh-TW', 'en-US'], 'zh-TW'],
    [['zh-Hant-HK'], 'zh-TW'],
    [['zh'], 'zh-TW'],
    [['en-GB', 'zh-TW'], 'en'],
    [['de', 'zh-TW'], 'zh-TW'],
    [['de'], 'en'],
    [[], 'en'],
  ] as const)('takes %j for %s', (wanted, language) => {
    expect(matchLanguage(wanted)).toBe(language);
  });
});
