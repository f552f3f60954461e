import type { TranslationOf } from '../catalogue.ts';
import type { imageForm as en } from '../en/image-form.ts';

export const imageForm: TranslationOf<typeof en> = {};
