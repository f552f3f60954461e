import { useTell } from '../i18n/told.ts';

interface SaidProps {
  readonly text: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** What the server says, in the language of the page as far as there is a translation. */
export function Said({ text, hint }: SaidProps) {
  const tell = useTell();
  return (
    <>
      <Words {...tell(text)} />
      {hint !== undefined && (
        <>
          {' '}
          <Words {...tell(hint)} />
        </>
      )}
    </>
  );
}

function Words({ text, lang }: ReturnType<ReturnType<typeof useTell>>) {
  return <span lang={lang}>{text}</span>;
}
