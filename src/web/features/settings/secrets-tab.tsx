import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../data/me.ts';
import { type PullSecret, useDeletePullSecret, usePullSecretPage } from '../../data/pull-secrets.ts';
import { useDeletion } from '../../data/use-deletion.ts';
import { Answered } from '../../ui/answered.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { PageTurner } from '../../ui/page-turner.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { useListParameters } from '../../ui/use-list-parameters.ts';
import { SecretDialog } from './secret-dialog.tsx';

/** What registries are signed in to with, to pull bases and images. */
export function Component() {
  const { t } = useTranslation('settings');
  const { page, q, setPage, search } = useListParameters();
  const secrets = usePullSecretPage({ page, q });
  const [edited, setEdited] = useState<PullSecret | 'new'>();
  return (
    <>
      <p className="muted tab-intro">{t('secret.intro')}</p>
      <ListBar q={q} onSearch={search}>
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setEdited('new')}>
          {t('secret.add')}
        </Button>
      </ListBar>
      <Answered query={secrets}>
        {({ items, total, pageSize }) => (
          <>
            <SecretTable secrets={items} isStale={secrets.isPlaceholderData} onEdit={setEdited} />
            <PageTurner {...{ page, pageSize, total }} onTurn={setPage} />
          </>
        )}
      </Answered>
      {edited !== undefined && (
        <SecretDialog {...(edited !== 'new' && { secret: edited })} onClose={() => setEdited(undefined)} />
      )}
    </>
  );
}

interface SecretTableProps {
  readonly secrets: readonly PullSecret[];
  readonly isStale: boolean;
  readonly onEdit: (secret: PullSecret) => void;
}

function SecretTable({ secrets, isStale, onEdit }: SecretTableProps) {
  const { t } = useTranslation('settings');
  const { isAdmin, groups } = useMe();
  const mayManage = ({ ownerGroup }: PullSecret) => isAdmin || (ownerGroup !== null && groups[ownerGroup] === 'admin');
  const columns: readonly Column<PullSecret>[] = [
    { key: 'name', title: t('name'), isRowHeader: true, cell: ({ name }) => name },
    { key: 'host', title: t('secret.registryHost'), cell: ({ registryHost }) => <code>{registryHost}</code> },
    { key: 'username', title: t('secret.username'), cell: ({ username }) => username },
    { key: 'owner', title: t('owner'), isNarrow: true, cell: ({ ownerGroup }) => ownerGroup ?? t('platform') },
    { key: 'updated', title: t('changed'), isNarrow: true, cell: ({ updatedAt }) => <RelativeTime at={updatedAt} /> },
    {
      key: 'actions',
      title: t('actions'),
      align: 'end',
      isNarrow: true,
      cell: (secret) => mayManage(secret) && <SecretActions secret={secret} onEdit={() => onEdit(secret)} />,
    },
  ];
  return (
    <DataTable
      label={t('tab.secrets')}
      columns={columns}
      rows={secrets}
      rowKey={({ name }) => name}
      isStale={isStale}
      empty={t('secret.none')}
    />
  );
}

function SecretActions({ secret: { name }, onEdit }: { readonly secret: PullSecret; readonly onEdit: () => void }) {
  const { t } = useTranslation('settings');
  const remove = useDeletion(useDeletePullSecret());
  return (
    <RowActions
      name={name}
      deleteText={t('secret.deleteText')}
      onEdit={onEdit}
      onDelete={() => remove(name, { params: { name } })}
    />
  );
}
