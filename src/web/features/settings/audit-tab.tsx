import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { type AuditEntry, useAudit } from '../../data/audit.ts';
import { Answered } from '../../ui/answered.tsx';
import { Choice } from '../../ui/choice.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { pageParameter } from '../../ui/page-parameter.ts';
import { PageTurner } from '../../ui/page-turner.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { SearchField } from '../../ui/search-field.tsx';
import { auditActions, useActionText } from './audit-actions.ts';

/** Who changed what, the newest first. */
export function Component() {
  const { t } = useTranslation('settings');
  const actionText = useActionText();
  const [params, setParams] = useSearchParams();
  const wanted = (name: string) => params.get(name)?.slice(0, 253) || undefined;
  const filters = { actor: wanted('actor'), action: wanted('action'), target: wanted('target') };
  const entries = useAudit({ ...filters, page: pageParameter(params) });
  const set = (changed: Readonly<Record<string, string | undefined>>) => {
    const all = Object.entries({ ...filters, ...changed }).filter(([, value]) => value);
    setParams(Object.fromEntries(all) as Record<string, string>, { replace: changed.page === undefined });
  };
  return (
    <>
      <p className="muted tab-intro">{t('audit.intro')}</p>
      <search className="toolbar">
        <SearchField label={t('audit.byActor')} value={filters.actor ?? ''} onSearch={(actor) => set({ actor })} />
        <SearchField label={t('audit.byTarget')} value={filters.target ?? ''} onSearch={(target) => set({ target })} />
        <Choice
          label={t('audit.what')}
          none={t('audit.anything')}
          value={filters.action ?? ''}
          options={auditActions.map((value) => ({ value: value as string, text: actionText(value) }))}
          onChange={(action) => set({ action })}
        />
      </search>
      <Answered query={entries} rows={10}>
        {({ items, total, page, pageSize }) => (
          <>
            <AuditTable entries={items} isStale={entries.isPlaceholderData} />
            <PageTurner {...{ page, pageSize, total }} onTurn={(next) => set({ page: String(next) })} />
          </>
        )}
      </Answered>
    </>
  );
}

function AuditTable({ entries, isStale }: { readonly entries: readonly AuditEntry[]; readonly isStale: boolean }) {
  const { t } = useTranslation('settings');
  const actionText = useActionText();
  const columns: readonly Column<AuditEntry>[] = [
    { key: 'at', title: t('audit.when'), isNarrow: true, cell: ({ at }) => <RelativeTime at={at} /> },
    { key: 'actor', title: t('audit.who'), isNarrow: true, cell: ({ actor }) => actor },
    { key: 'action', title: t('audit.what'), isNarrow: true, cell: ({ action }) => actionText(action) },
    { key: 'target', title: t('audit.target'), cell: ({ target }) => target },
    { key: 'detail', title: t('audit.detail'), cell: ({ detail }) => <Detail detail={detail} /> },
  ];
  return (
    <DataTable
      label={t('tab.audit')}
      columns={columns}
      rows={entries}
      rowKey={({ id }) => String(id)}
      isStale={isStale}
      empty={t('audit.none')}
    />
  );
}

/** As it was noted, name by name. */
function Detail({ detail }: { readonly detail: AuditEntry['detail'] }) {
  const facts = Object.entries(detail).filter(([, value]) => value !== null && value !== '');
  if (facts.length === 0) return null;
  return (
    <code className="muted" lang="en">
      {facts
        .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(' · ')}
    </code>
  );
}
