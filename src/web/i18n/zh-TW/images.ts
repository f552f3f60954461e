import type { TranslationOf } from '../catalogue.ts';
import type { images as en } from '../en/images.ts';

export const images: TranslationOf<typeof en> = {
  title: '映像檔',
  name: '名稱',
};
