import type { TranslationOf } from '../catalogue.ts';
import type { bases as en } from '../en/bases.ts';

export const bases: TranslationOf<typeof en> = {};
