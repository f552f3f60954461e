import type { TranslationOf } from '../catalogue.ts';
import type { profile as en } from '../en/profile.ts';

export const profile: TranslationOf<typeof en> = {};
