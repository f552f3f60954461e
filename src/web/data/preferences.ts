import { useSyncExternalStore } from 'react';
import { type Language, languages, matchLanguage } from '../i18n/languages.ts';

export const colourSchemes = ['system', 'light', 'dark'] as const;
export type ColourScheme = (typeof colourSchemes)[number];

/** What this browser is set to. `language` is absent as long as the browser's own is followed. */
export interface Preferences {
  readonly colourScheme: ColourScheme;
  readonly language?: Language | undefined;
}

const key = 'imagewright.preferences';
const listeners = new Set<() => void>();
let preferences = read();

function read(): Preferences {
  try {
    const { colourScheme, language } = JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Preferences>;
    return {
      colourScheme: colourSchemes.find((each) => each === colourScheme) ?? 'system',
      language: language !== undefined && language in languages ? language : undefined,
    };
  } catch {
    return { colourScheme: 'system' };
  }
}

export function setPreferences(changed: Partial<Preferences>): void {
  preferences = { ...preferences, ...changed };
  try {
    localStorage.setItem(key, JSON.stringify(preferences));
  } catch {
    // A browser that keeps nothing follows them until it is closed.
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  // Another tab may set them too.
  const onStorage = (event: StorageEvent) => {
    if (event.key !== key) return;
    preferences = read();
    listener();
  };
  listeners.add(listener);
  window.addEventListener('storage', onStorage);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', onStorage);
  };
}

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, () => preferences);

/** The language that is spoken: the one chosen, or else the browser's. */
export function languageOf({ language }: Preferences): Language {
  return language ?? matchLanguage(navigator.languages);
}

const darkSystem = matchMedia('(prefers-color-scheme: dark)');

/** True when it is dark: as chosen, or as the system is. */
export function useIsDark(): boolean {
  const { colourScheme } = usePreferences();
  const isSystemDark = useSyncExternalStore(
    (listener) => {
      darkSystem.addEventListener('change', listener);
      return () => darkSystem.removeEventListener('change', listener);
    },
    () => darkSystem.matches,
  );
  return colourScheme === 'system' ? isSystemDark : colourScheme === 'dark';
}

export function currentPreferences(): Preferences {
  return preferences;
}
