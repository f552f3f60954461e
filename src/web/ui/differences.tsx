import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/endpoint.ts';
import type { diffRevisions } from '../../api/images.ts';
import { useFormat } from './use-format.ts';

type RevisionDifference = AnswerOf<typeof diffRevisions>;

interface DifferencesProps {
  readonly difference: Omit<RevisionDifference, 'base'> & Partial<Pick<RevisionDifference, 'base'>>;
}

/** What came, went and changed between two lists of packages. */
export function Differences({ difference: { base = null, added, removed, changed } }: DifferencesProps) {
  const { t } = useTranslation('ui');
  const format = useFormat();
  if (base === null && added.length + removed.length + changed.length === 0) {
    return <p className="muted">{t('difference.none')}</p>;
  }
  return (
    <ul className="diff">
      {base !== null && (
        <li data-change="changed">
          {t('difference.base')} <del>{base.from}</del> → <ins>{base.to}</ins>
        </li>
      )}
      {changed.map(({ from, to }) => (
        <li key={`${to.ecosystem}:${to.name}`} data-change="changed">
          <span className="muted">{to.ecosystem}</span> {to.name} <del>{from.version}</del> → <ins>{to.version}</ins>
          <SizeChange bytes={to.sizeBytes - from.sizeBytes} />
        </li>
      ))}
      {added.map(({ ecosystem, name, version, sizeBytes }) => (
        <li key={`${ecosystem}:${name}`} data-change="added">
          <span className="muted">{ecosystem}</span>{' '}
          <ins>
            {name} {version}
          </ins>
          <span className="muted numbers"> +{format.bytes(sizeBytes)}</span>
        </li>
      ))}
      {removed.map(({ ecosystem, name, version, sizeBytes }) => (
        <li key={`${ecosystem}:${name}`} data-change="removed">
          <span className="muted">{ecosystem}</span>{' '}
          <del>
            {name} {version}
          </del>
          <span className="muted numbers"> −{format.bytes(sizeBytes)}</span>
        </li>
      ))}
    </ul>
  );
}

function SizeChange({ bytes }: { readonly bytes: number }) {
  const format = useFormat();
  if (bytes === 0) return null;
  return (
    <span className="muted numbers">
      {' '}
      {bytes < 0 ? '−' : '+'}
      {format.bytes(Math.abs(bytes))}
    </span>
  );
}
