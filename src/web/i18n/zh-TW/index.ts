import { app } from './app.ts';
import { bases } from './bases.ts';
import { errors } from './errors.ts';
import { imageForm } from './image-form.ts';
import { images } from './images.ts';
import { jobs } from './jobs.ts';
import { profile } from './profile.ts';
import { secrets } from './secrets.ts';
import { settings } from './settings.ts';
import { ui } from './ui.ts';

/** A catalogue for each feature: its namespace in `useTranslation`. */
export const zhTW = { app, ui, errors, images, imageForm, jobs, bases, secrets, settings, profile } as const;
