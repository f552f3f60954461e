import type { TranslationOf } from '../catalogue.ts';
import type { jobs as en } from '../en/jobs.ts';

export const jobs: TranslationOf<typeof en> = {};
