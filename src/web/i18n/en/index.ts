import { app } from './app.ts';
import { errors } from './errors.ts';
import { imageForm } from './image-form.ts';
import { images } from './images.ts';
import { jobs } from './jobs.ts';
import { people } from './people.ts';
import { settings } from './settings.ts';
import { ui } from './ui.ts';

/** A catalogue for each feature: its namespace in `useTranslation`. */
export const en = { app, ui, errors, images, imageForm, jobs, settings, people } as const;
