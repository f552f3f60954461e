import { LinkOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useDeletion } from '../../data/use-deletion.ts';
import { type User, useDeleteUser, useUsers } from '../../data/users.ts';
import { Answered } from '../../ui/answered.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { ListBar } from '../../ui/list-bar.tsx';
import { PageTurner } from '../../ui/page-turner.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { RowActions } from '../../ui/row-actions.tsx';
import { useListParameters } from '../../ui/use-list-parameters.ts';
import { SignInLinkDialog } from './sign-in-link-dialog.tsx';
import { UserDialog } from './user-dialog.tsx';

/** What is done with a user over the list. */
type Doing = { readonly dialog: 'edit' | 'link'; readonly user: User } | { readonly dialog: 'new' };

/** All who may sign in. */
export function Component() {
  const { t } = useTranslation('people');
  const { page, q, setPage, search } = useListParameters();
  const users = useUsers({ page, q });
  const [doing, setDoing] = useState<Doing>();
  const close = () => setDoing(undefined);
  return (
    <>
      <p className="muted tab-intro">{t('user.intro')}</p>
      <ListBar q={q} onSearch={search}>
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setDoing({ dialog: 'new' })}>
          {t('user.add')}
        </Button>
      </ListBar>
      <Answered query={users} rows={10}>
        {({ items, total, pageSize }) => (
          <>
            <UserTable users={items} isStale={users.isPlaceholderData} onDo={setDoing} />
            <PageTurner {...{ page, pageSize, total }} onTurn={setPage} />
          </>
        )}
      </Answered>
      {doing?.dialog === 'new' && <UserDialog onClose={close} onMade={(user) => setDoing({ dialog: 'link', user })} />}
      {doing?.dialog === 'edit' && <UserDialog user={doing.user} onClose={close} />}
      {doing?.dialog === 'link' && <SignInLinkDialog user={doing.user} onClose={close} />}
    </>
  );
}

interface UserTableProps {
  readonly users: readonly User[];
  readonly isStale: boolean;
  readonly onDo: (doing: Doing) => void;
}

function UserTable({ users, isStale, onDo }: UserTableProps) {
  const { t } = useTranslation('people');
  const columns: readonly Column<User>[] = [
    { key: 'name', title: t('name'), isRowHeader: true, cell: (user) => <NameCell {...user} /> },
    { key: 'email', title: t('user.email'), cell: ({ email }) => email },
    { key: 'groups', title: t('groups'), cell: ({ groups }) => <GroupLinks groups={groups} /> },
    {
      key: 'seen',
      title: t('user.lastSeen'),
      isNarrow: true,
      cell: ({ lastSeenAt }) =>
        lastSeenAt === null ? <span className="muted">{t('never')}</span> : <RelativeTime at={lastSeenAt} />,
    },
    {
      key: 'actions',
      title: t('actions'),
      align: 'end',
      isNarrow: true,
      cell: (user) => <UserActions user={user} onDo={onDo} />,
    },
  ];
  return (
    <DataTable
      label={t('users')}
      columns={columns}
      rows={users}
      rowKey={({ name }) => name}
      isStale={isStale}
      empty={t('user.none')}
    />
  );
}

function NameCell({ name, displayName, isAdmin, isDisabled, issuer }: User) {
  const { t } = useTranslation('people');
  const facts = [displayName, issuer].filter((fact) => fact !== null && fact !== '');
  return (
    <span className="name-cell">
      {name} {isAdmin && <span className="tag">{t('administrator')}</span>}{' '}
      {isDisabled && <span className="tag bad">{t('user.disabled')}</span>}
      {facts.length > 0 && <span className="muted">{facts.join(' · ')}</span>}
    </span>
  );
}

function GroupLinks({ groups }: Pick<User, 'groups'>) {
  const { t } = useTranslation('people');
  return Object.entries(groups).map(([name, role], index) => (
    <span key={name}>
      {index > 0 && ', '}
      <Link to={`/settings/groups/${name}`}>{name}</Link>
      {role === 'admin' && <span className="muted"> ({t('role.admin')})</span>}
    </span>
  ));
}

function UserActions({ user, onDo }: { readonly user: User; readonly onDo: (doing: Doing) => void }) {
  const { t } = useTranslation('people');
  const remove = useDeletion(useDeleteUser());
  const { name, isDisabled } = user;
  return (
    <RowActions
      name={name}
      deleteText={t('user.deleteText')}
      onEdit={() => onDo({ dialog: 'edit', user })}
      onDelete={() => remove(name, { params: { name } })}
    >
      {!isDisabled && (
        <IconButton
          label={t('user.linkFor', { name })}
          icon={<LinkOutlined />}
          onClick={() => onDo({ dialog: 'link', user })}
        />
      )}
    </RowActions>
  );
}
