import i18next from 'i18next';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { closed } from '../../sentences/closed.ts';
import type { createTranslator } from '../../sentences/translate-sentence.ts';

/** Words of the server as the page shows them. */
export interface Told {
  readonly text: string;
  /** Absent where they are in the language of the page. */
  readonly lang?: 'en';
}

type Translate = ReturnType<typeof createTranslator>;

const listeners = new Set<() => void>();
let translate: Translate | undefined;
let loading: Promise<void> | undefined;

/** Fetches the translations of what the server says, once; English needs none. */
export function loadSentences(): Promise<void> {
  loading ??= (async () => {
    const [{ sentences }, { solvers }, { createTranslator }] = await Promise.all([
      import('../../sentences/zh-TW/index.ts'),
      import('../../sentences/zh-TW/solvers.ts'),
      import('../../sentences/translate-sentence.ts'),
    ]);
    translate = createTranslator(sentences, solvers);
    for (const listener of listeners) listener();
  })().catch(() => {
    // The page is out of date or the network away: English is better than nothing, and the next sentence tries again.
    loading = undefined;
  });
  return loading;
}

/** What the server says, in the language of the page where there is a translation, with a full stop at its end. */
export function tell(said: string): Told {
  if (i18next.language !== 'zh-TW') return { text: closed(said, '.'), lang: 'en' };
  if (translate === undefined) void loadSentences();
  const translated = translate?.(said) ?? translate?.(said.replace(/\.$/, ''));
  return translated === undefined ? { text: closed(said, '.'), lang: 'en' } : { text: closed(translated, '。') };
}

/** `tell` for what is shown: again when the translations have come, or the language is another. */
export function useTell(): (said: string) => Told {
  useTranslation();
  useSyncExternalStore(subscribe, () => translate);
  return tell;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
