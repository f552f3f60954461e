import { QueryClientProvider } from '@tanstack/react-query';
import { ConfigProvider } from 'antd';
import type { Locale } from 'antd/es/locale';
import { useEffect, useState } from 'react';
import { RouterProvider } from 'react-router/dom';
import { askForSession } from '../data/me.ts';
import { languageOf, useIsDark, usePreferences } from '../data/preferences.ts';
import { createQueryClient } from '../data/query-client.ts';
import { openCatalogue } from '../i18n/open-catalogue.ts';
import { createRouter } from './router.tsx';
import { nonce } from './style-nonce.ts';
import { themeOf } from './theme.ts';

const hasMotion = !matchMedia('(prefers-reduced-motion: reduce)').matches;
const queries = createQueryClient();
const router = createRouter();
askForSession(queries);

/** All that every view stands in: the server's answers, language, colours and addresses. */
export function App({ firstLocale }: { readonly firstLocale: Locale }) {
  const isDark = useIsDark();
  const language = languageOf(usePreferences());
  const [locale, setLocale] = useState(firstLocale);
  useEffect(() => {
    if (document.documentElement.lang !== language) void openCatalogue(language).then(setLocale);
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  }, [isDark]);
  return (
    <QueryClientProvider client={queries}>
      <ConfigProvider
        locale={locale}
        theme={themeOf(isDark, hasMotion)}
        csp={{ nonce }}
        // Lists of choices are short, and those that stand in the document whole are told whole to screen readers.
        virtual={false}
        button={{ autoInsertSpace: false }}
        tooltip={{ mouseEnterDelay: 0.3 }}
      >
        <RouterProvider router={router} />
      </ConfigProvider>
    </QueryClientProvider>
  );
}
