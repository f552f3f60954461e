import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { useMe } from '../../data/me.ts';
import { useUserNames } from '../../data/users.ts';
import { Choice } from '../../ui/choice.tsx';
import { TokenTable } from './token-table.tsx';

/** The API tokens of any user, to be revoked. */
export function Component() {
  const { t } = useTranslation('people');
  const me = useMe();
  const [params, setParams] = useSearchParams();
  const user = params.get('user') ?? me.name;
  const names = [...new Set([...useUserNames(true), user])];
  return (
    <>
      <p className="muted tab-intro">
        {t('token.adminIntro')} <Link to="/profile">{t('token.toOwn')}</Link>
      </p>
      <div className="toolbar">
        <Choice
          label={t('user.user')}
          isLabelHidden={false}
          value={user}
          options={names.map((name) => ({ value: name, text: name }))}
          onChange={(name) => setParams({ user: name }, { replace: true })}
        />
      </div>
      <TokenTable key={user} user={user} />
    </>
  );
}
