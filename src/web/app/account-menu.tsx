import { UserOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { type Me, useSignOut } from '../data/me.ts';

export function AccountMenu({ me }: { readonly me: Me }) {
  const { t } = useTranslation('app');
  const signOut = useSignOut();
  const name = me.displayName || me.name;
  const leave = async () => {
    await signOut.mutateAsync({});
    // Nothing of what was seen or written stays.
    sessionStorage.clear();
    location.assign('/');
  };
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          {
            key: 'who',
            type: 'group',
            label: me.isAdmin ? `${name} · ${t('account.administrator')}` : name,
          },
          { key: 'profile', label: <Link to="/profile">{t('account.profile')}</Link> },
          { key: 'docs', label: <a href="/docs">{t('account.apiDocs')}</a> },
          { type: 'divider' },
          { key: 'leave', label: t('account.signOut'), onClick: leave },
        ],
      }}
    >
      <Button
        type="text"
        icon={<UserOutlined />}
        aria-label={t('account.menu', { name })}
        title={t('account.menu', { name })}
        aria-haspopup="menu"
      >
        <span className="account-name">{name}</span>
      </Button>
    </Dropdown>
  );
}
