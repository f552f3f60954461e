import type { TranslationOf } from '../catalogue.ts';
import type { secrets as en } from '../en/secrets.ts';

export const secrets: TranslationOf<typeof en> = {};
