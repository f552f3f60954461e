import { createRoot } from 'react-dom/client';
import { currentPreferences, languageOf } from '../data/preferences.ts';
import { openCatalogue } from '../i18n/open-catalogue.ts';
import { App } from './app.tsx';
import { markStyles } from './style-nonce.ts';

markStyles();

const locale = await openCatalogue(languageOf(currentPreferences()));
createRoot(document.querySelector('#root')!).render(<App firstLocale={locale} />);
