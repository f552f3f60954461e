import { LoadingOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import type { Preflight } from '../../data/preflight.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Differences } from '../../ui/differences.tsx';
import { Facts } from '../../ui/facts.tsx';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { Said } from '../../ui/said.tsx';
import { useFormat } from '../../ui/use-format.ts';
import { problemsOf } from './form-problems.ts';
import type { ImageFormState } from './use-image-form.ts';

/** What the form would give if it were confirmed now: worked out while one writes. */
export function PreflightPanel({ form: { image, draft, preflight } }: { readonly form: ImageFormState }) {
  const { t } = useTranslation('imageForm');
  const { found, error, isBehind, retry } = preflight;
  const base = image?.spec?.base;
  const changedBase = base !== undefined && base !== draft.base.trim() ? { from: base, to: draft.base.trim() } : null;
  return (
    <section className="panel stack tight preflight" aria-label={t('preflight.title')} aria-busy={isBehind}>
      <h2>
        {t('preflight.title')} {isBehind && <LoadingOutlined aria-hidden="true" />}
      </h2>
      <Summary preflight={preflight} />
      {error !== undefined && problemsOf(error).length === 0 && (
        <ProblemAlert error={error} {...(!isBehind && { onRetry: retry })} />
      )}
      {found !== undefined && (
        <div className="stack tight">
          {found.notices.map((notice) => (
            <p key={notice} className="muted">
              <Said text={notice} />
            </p>
          ))}
          {found.changes !== null && (
            <section>
              <h3>{t('preflight.changes', { revision: image?.revision ?? '' })}</h3>
              <Differences difference={{ ...found.changes, base: changedBase }} />
            </section>
          )}
          <FoundFacts found={found} />
          <FoundPackages found={found} />
        </div>
      )}
    </section>
  );
}

/** In a sentence, also said to those who do not see it. */
function Summary({ preflight: { found, error, isBehind } }: Pick<ImageFormState, 'preflight'>) {
  const { t } = useTranslation('imageForm');
  const format = useFormat();
  const problems = problemsOf(error).length;
  const textOf = () => {
    if (problems > 0) return t('preflight.problems', { count: problems });
    if (found !== undefined) {
      const size = format.bytes(found.downloadBytes);
      return t('preflight.found', { count: found.packages.length, size });
    }
    if (error !== undefined) return t('preflight.failed');
    return isBehind ? t('preflight.asking') : t('preflight.nothing');
  };
  return (
    <p role="status" className={problems > 0 ? 'bad' : undefined}>
      {textOf()}
    </p>
  );
}

function FoundFacts({ found: { base, layers, python, revision } }: { readonly found: Preflight }) {
  const { t } = useTranslation('imageForm');
  const format = useFormat();
  return (
    <Facts
      items={[
        [t('preflight.revision'), <code key="revision">{revision}</code>],
        [t('preflight.python'), python],
        [t('preflight.base'), `${format.bytes(base.sizeBytes)} · ${t('layers', { count: base.layers })}`],
        [t('preflight.added'), t('layers', { count: layers })],
      ]}
    />
  );
}

type FoundPackage = Preflight['packages'][number];

/** What was asked for stands first. */
function FoundPackages({ found: { packages } }: { readonly found: Preflight }) {
  const { t } = useTranslation('imageForm');
  const format = useFormat();
  const isAskedFor = ({ requestedBy }: FoundPackage) => requestedBy.length > 0;
  const rows = [...packages.filter(isAskedFor), ...packages.filter((each) => !isAskedFor(each))];
  const columns: readonly Column<FoundPackage>[] = [
    {
      key: 'name',
      title: t('preflight.package'),
      isRowHeader: true,
      cell: (each) => <span className={isAskedFor(each) ? 'asked-for' : undefined}>{each.name}</span>,
    },
    { key: 'version', title: t('preflight.version'), cell: ({ version }) => version },
    { key: 'size', title: t('preflight.size'), align: 'end', cell: ({ sizeBytes }) => format.bytes(sizeBytes) },
  ];
  if (rows.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="preflight-packages" tabIndex={0} aria-label={t('preflight.packages')}>
      <DataTable
        label={t('preflight.packages')}
        columns={columns}
        rows={rows}
        rowKey={({ ecosystem, name }) => `${ecosystem}:${name}`}
      />
    </section>
  );
}
