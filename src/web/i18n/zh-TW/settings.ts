import type { TranslationOf } from '../catalogue.ts';
import type { settings as en } from '../en/settings.ts';

export const settings: TranslationOf<typeof en> = {};
