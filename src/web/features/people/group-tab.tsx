import { MinusCircleOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { messageOf } from '../../../errors.ts';
import { type GroupDetails, type Member, useGroup, useRemoveMember, useSetMember } from '../../data/groups.ts';
import { useMayManage } from '../../data/me.ts';
import { notify } from '../../data/notices.ts';
import { tell } from '../../i18n/told.ts';
import { Answered } from '../../ui/answered.tsx';
import { Choice } from '../../ui/choice.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { AddMember } from './add-member.tsx';

const roles = ['member', 'admin'] as const;

/** A group: who is in it, and with which role. */
export function Component() {
  const { t } = useTranslation('people');
  const { name = '' } = useParams();
  const group = useGroup(name);
  return (
    <>
      <p className="tab-intro">
        <Link to="/settings/groups">← {t('group.all')}</Link>
      </p>
      <Answered query={group}>{(found) => <Members group={found} />}</Answered>
    </>
  );
}

function Members({ group: { name, displayName, members } }: { readonly group: GroupDetails }) {
  const { t } = useTranslation('people');
  const mayManage = useMayManage(name);
  const columns: readonly Column<Member>[] = [
    { key: 'user', title: t('user.user'), isRowHeader: true, cell: (member) => <NameCell {...member} /> },
    {
      key: 'role',
      title: t('role.role'),
      isNarrow: true,
      cell: (member) => (mayManage ? <Role group={name} member={member} /> : t(`role.${member.role}`)),
    },
    {
      key: 'actions',
      title: t('actions'),
      align: 'end',
      isNarrow: true,
      cell: ({ user }) => mayManage && <Remove group={name} user={user} />,
    },
  ];
  return (
    <div className="stack">
      <h2>
        {name} {displayName !== '' && <span className="muted">{displayName}</span>}
      </h2>
      {mayManage && <AddMember group={name} members={members} />}
      <DataTable
        label={t('group.membersOf', { name })}
        columns={columns}
        rows={members}
        rowKey={({ user }) => user}
        empty={t('group.empty')}
      />
    </div>
  );
}

function NameCell({ user, displayName }: Member) {
  return (
    <span className="name-cell">
      {user}
      {displayName !== '' && <span className="muted">{displayName}</span>}
    </span>
  );
}

interface RoleProps {
  readonly group: string;
  readonly member: Member;
}

function Role({ group, member: { user, role } }: RoleProps) {
  const { t } = useTranslation('people');
  const { mutate } = useSetMember();
  const set = (next: Member['role']) =>
    mutate({ params: { name: group, user }, body: { role: next } }, { onError: tellWhy });
  return (
    <Choice
      label={t('role.of', { user })}
      value={role}
      options={roles.map((value) => ({ value, text: t(`role.${value}`) }))}
      onChange={(next) => next !== '' && set(next)}
    />
  );
}

/** Whoever was taken out can be put in again: nothing is asked. */
function Remove({ group, user }: { readonly group: string; readonly user: string }) {
  const { t } = useTranslation('people');
  const { mutate, isPending } = useRemoveMember();
  const remove = () =>
    mutate(
      { params: { name: group, user } },
      { onError: tellWhy, onSuccess: () => notify({ kind: 'success', text: t('group.removed', { user, group }) }) },
    );
  return (
    <IconButton
      label={t('group.remove', { user, group })}
      icon={<MinusCircleOutlined />}
      isDisabled={isPending}
      onClick={remove}
    />
  );
}

function tellWhy(error: unknown): void {
  notify({ kind: 'error', text: tell(messageOf(error)).text });
}
