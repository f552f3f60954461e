import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';
import { type Group, useDeleteGroup, useGroupPage } from '../../data/groups.ts';
import { useMe } from '../../data/me.ts';
import { useDeletion } from '../../data/use-deletion.ts';
import { Answered } from '../../ui/answered.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { PageTurner } from '../../ui/page-turner.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { useFormat } from '../../ui/use-format.ts';
import { useListParameters } from '../../ui/use-list-parameters.ts';
import { GroupDialog } from './group-dialog.tsx';

/** The groups that one may see. */
export function Component() {
  const { t } = useTranslation('people');
  const { isAdmin } = useMe();
  const navigate = useNavigate();
  const { page, q, setPage, search } = useListParameters();
  const groups = useGroupPage({ page, q });
  const [edited, setEdited] = useState<Group | 'new'>();
  return (
    <>
      <p className="muted tab-intro">{t('group.intro')}</p>
      <ListBar q={q} onSearch={search}>
        {isAdmin && (
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setEdited('new')}>
            {t('group.add')}
          </Button>
        )}
      </ListBar>
      <Answered query={groups}>
        {({ items, total, pageSize }) => (
          <>
            <GroupTable groups={items} isStale={groups.isPlaceholderData} onEdit={setEdited} />
            <PageTurner {...{ page, pageSize, total }} onTurn={setPage} />
          </>
        )}
      </Answered>
      {edited !== undefined && (
        <GroupDialog
          {...(edited !== 'new' && { group: edited })}
          onClose={() => setEdited(undefined)}
          // A group without members is of no use: they are put into it next.
          onMade={({ name }) => navigate(`/settings/groups/${name}`)}
        />
      )}
    </>
  );
}

interface GroupTableProps {
  readonly groups: readonly Group[];
  readonly isStale: boolean;
  readonly onEdit: (group: Group) => void;
}

function GroupTable({ groups, isStale, onEdit }: GroupTableProps) {
  const { t } = useTranslation('people');
  const { isAdmin } = useMe();
  const format = useFormat();
  const columns: readonly Column<Group>[] = [
    { key: 'name', title: t('name'), isRowHeader: true, cell: (group) => <NameCell {...group} /> },
    {
      key: 'members',
      title: t('group.members'),
      align: 'end',
      isNarrow: true,
      cell: ({ memberCount }) => format.number(memberCount),
    },
    { key: 'created', title: t('made'), isNarrow: true, cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
    {
      key: 'actions',
      title: t('actions'),
      align: 'end',
      isNarrow: true,
      cell: (group) => isAdmin && <GroupActions group={group} onEdit={() => onEdit(group)} />,
    },
  ];
  return (
    <DataTable
      label={t('groups')}
      columns={columns}
      rows={groups}
      rowKey={({ name }) => name}
      isStale={isStale}
      empty={t('group.none')}
    />
  );
}

function NameCell({ name, displayName }: Group) {
  return (
    <span className="name-cell">
      <Link to={`/settings/groups/${name}`}>{name}</Link>
      {displayName !== '' && <span className="muted">{displayName}</span>}
    </span>
  );
}

function GroupActions({ group: { name }, onEdit }: { readonly group: Group; readonly onEdit: () => void }) {
  const { t } = useTranslation('people');
  const remove = useDeletion(useDeleteGroup());
  return (
    <RowActions
      name={name}
      deleteText={t('group.deleteText')}
      onEdit={onEdit}
      onDelete={() => remove(name, { params: { name } })}
    />
  );
}
