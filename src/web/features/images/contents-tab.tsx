import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { type RevisionContents, useRevisionContents, useRevisions } from '../../data/images.ts';
import { Answered } from '../../ui/answered.tsx';
import { Choice } from '../../ui/choice.tsx';
import { type Column, DataTable, type Sort } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { useFormat } from '../../ui/use-format.ts';
import { useShownImage } from './image-view.tsx';

type Package = RevisionContents['packages'][number];

/** What a revision holds, package by package; the one in force unless the address names another. */
export function Component() {
  const { t } = useTranslation('images');
  const { name, revision: inForce } = useShownImage();
  const [params, setParams] = useSearchParams();
  const revision = params.get('revision') ?? inForce ?? undefined;
  const contents = useRevisionContents(name, revision);
  const revisions = useRevisions(name, 1, 100).data?.items ?? [];
  if (revision === undefined) {
    return <EmptyState title={t('revision.none')}>{t('revision.noneText')}</EmptyState>;
  }
  const options = revisions.map((each) => ({
    value: each.revision,
    text: each.isInForce ? `${each.revision} · ${t('revision.inForce')}` : each.revision,
  }));
  return (
    <Answered query={contents} rows={12}>
      {(found) => (
        <PackageTable
          contents={found}
          chooser={
            <Choice
              label={t('field.revision')}
              value={revision}
              options={options}
              onChange={(each) => setParams({ revision: each }, { replace: true })}
            />
          }
        />
      )}
    </Answered>
  );
}

interface PackageTableProps {
  readonly contents: RevisionContents;
  readonly chooser: React.ReactNode;
}

function PackageTable({ contents: { base, python, layers, packages }, chooser }: PackageTableProps) {
  const { t } = useTranslation('images');
  const format = useFormat();
  const [search, setSearch] = useState('');
  const [sort, setSort] = useState<Sort>({ key: 'name', isDescending: false });
  const shown = useMemo(() => sortPackages(filterPackages(packages, search), sort), [packages, search, sort]);
  const total = packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const columns: readonly Column<Package>[] = [
    {
      key: 'name',
      title: t('contents.package'),
      isRowHeader: true,
      isSortable: true,
      cell: ({ name }) => <strong>{name}</strong>,
    },
    { key: 'version', title: t('contents.version'), isNarrow: true, cell: ({ version }) => <code>{version}</code> },
    {
      key: 'ecosystem',
      title: t('contents.kind'),
      isSortable: true,
      isNarrow: true,
      cell: ({ ecosystem }) => ecosystem,
    },
    {
      key: 'layer',
      title: t('contents.layer'),
      align: 'end',
      isSortable: true,
      isNarrow: true,
      cell: ({ layer }) => layer,
    },
    {
      key: 'size',
      title: t('contents.size'),
      align: 'end',
      isSortable: true,
      isNarrow: true,
      cell: ({ sizeBytes }) => format.bytes(sizeBytes),
    },
    { key: 'why', title: t('contents.why'), cell: (each) => <Why {...each} /> },
    { key: 'source', title: t('contents.source'), cell: ({ source }) => <Source url={source} /> },
  ];
  return (
    <>
      <div className="toolbar">
        {chooser}
        <SearchField label={t('contents.search')} value={search} onSearch={setSearch} />
        <span className="muted numbers">
          {t('contents.summary', {
            packages: format.number(packages.length),
            size: format.bytes(total),
            layers: format.number(layers),
            base: format.number(base.layers),
          })}
          {python !== null && ` · Python ${python}`}
        </span>
      </div>
      <DataTable
        label={t('tab.contents')}
        columns={columns}
        rows={shown}
        rowKey={({ ecosystem, name }) => `${ecosystem}:${name}`}
        sort={sort}
        onSort={setSort}
        empty={packages.length === 0 ? t('contents.none') : t('noMatch')}
      />
    </>
  );
}

function Why({ requestedBy, requiredBy, isBuilt }: Package) {
  const { t } = useTranslation('images');
  return (
    <>
      {requestedBy.length > 0 && (
        <span>
          {t('contents.requested')} <code>{requestedBy.join(', ')}</code>
        </span>
      )}
      {requestedBy.length > 0 && requiredBy.length > 0 && ' · '}
      {requiredBy.length > 0 && <span className="muted">{t('contents.required', { by: requiredBy.join(', ') })}</span>}
      {isBuilt && <span className="muted"> · {t('contents.built')}</span>}
    </>
  );
}

function Source({ url }: { readonly url: string }) {
  const file = url.slice(url.lastIndexOf('/') + 1);
  return (
    <code className="muted source" title={url}>
      {file || url}
    </code>
  );
}

function filterPackages(packages: readonly Package[], search: string): readonly Package[] {
  const wanted = search.trim().toLowerCase();
  return packages.filter(({ name }) => name.toLowerCase().includes(wanted));
}

function sortPackages(packages: readonly Package[], { key, isDescending }: Sort): readonly Package[] {
  const sign = isDescending ? -1 : 1;
  const compare: Readonly<Record<string, (a: Package, b: Package) => number>> = {
    ecosystem: (a, b) => a.ecosystem.localeCompare(b.ecosystem),
    layer: (a, b) => a.layer - b.layer,
    size: (a, b) => a.sizeBytes - b.sizeBytes,
  };
  const byName = (a: Package, b: Package) => a.name.localeCompare(b.name);
  return [...packages].sort((a, b) => sign * ((compare[key] ?? byName)(a, b) || byName(a, b)));
}
