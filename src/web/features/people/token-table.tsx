import { useTranslation } from 'react-i18next';
import { notify } from '../../data/notices.ts';
import { type Token, useRevokeToken, useTokens } from '../../data/tokens.ts';
import { Answered } from '../../ui/answered.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { DeleteButton } from '../../ui/delete-button.tsx';
import { PageTurner } from '../../ui/page-turner.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { useListParameters } from '../../ui/use-list-parameters.ts';

/** The API tokens of a user that are not revoked. */
export function TokenTable({ user }: { readonly user: string }) {
  const { t } = useTranslation('people');
  const { page, setPage } = useListParameters();
  const tokens = useTokens(user, page);
  const columns: readonly Column<Token>[] = [
    { key: 'name', title: t('name'), isRowHeader: true, cell: ({ name }) => name },
    { key: 'prefix', title: t('token.begins'), isNarrow: true, cell: ({ prefix }) => <code>{prefix}…</code> },
    {
      key: 'scopes',
      title: t('token.scopes'),
      cell: ({ scopes }) => scopes.map((scope) => t(`token.scope.${scope}`)).join(', '),
    },
    { key: 'made', title: t('made'), isNarrow: true, cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
    {
      key: 'used',
      title: t('token.used'),
      isNarrow: true,
      cell: ({ lastUsedAt }) => <Time at={lastUsedAt} none={t('never')} />,
    },
    {
      key: 'expires',
      title: t('token.expires'),
      isNarrow: true,
      cell: ({ expiresAt }) => <Time at={expiresAt} none={t('token.neverExpires')} />,
    },
    { key: 'actions', title: t('actions'), align: 'end', isNarrow: true, cell: (token) => <Revoke token={token} /> },
  ];
  return (
    <Answered query={tokens} rows={4}>
      {({ items, total, pageSize }) => (
        <>
          <DataTable
            label={t('token.of', { user })}
            columns={columns}
            rows={items}
            rowKey={({ id }) => id}
            isStale={tokens.isPlaceholderData}
            empty={t('token.none')}
          />
          <PageTurner {...{ page, pageSize, total }} onTurn={setPage} />
        </>
      )}
    </Answered>
  );
}

function Time({ at, none }: { readonly at: string | null; readonly none: string }) {
  return at === null ? <span className="muted">{none}</span> : <RelativeTime at={at} />;
}

function Revoke({ token: { id, name } }: { readonly token: Token }) {
  const { t } = useTranslation('people');
  const { mutateAsync } = useRevokeToken();
  const revoke = async () => {
    await mutateAsync({ params: { id } });
    notify({ kind: 'success', text: t('token.revoked', { name }) });
  };
  return (
    <DeleteButton
      label={t('token.revokeThing', { name })}
      title={t('token.revokeTitle', { name })}
      text={t('token.revokeText')}
      confirmText={t('token.revoke')}
      onDelete={revoke}
    />
  );
}
