import { useTranslation } from 'react-i18next';
import { ScrollingText } from './scrolling-text.tsx';

interface PackageListsProps {
  readonly packages: { readonly apt: string; readonly conda: string; readonly pip: string };
}

/** The package lines as typed, by kind. */
export function PackageLists({ packages }: PackageListsProps) {
  const { t } = useTranslation('ui');
  const lists = (['apt', 'conda', 'pip'] as const).filter((kind) => packages[kind].trim() !== '');
  if (lists.length === 0) return <span className="muted">{t('packages.none')}</span>;
  return (
    <div className="package-lists">
      {lists.map((kind) => (
        <section key={kind}>
          <h2>{t(`packages.${kind}`)}</h2>
          <ScrollingText label={t(`packages.${kind}`)} text={packages[kind].trimEnd()} />
        </section>
      ))}
    </div>
  );
}
