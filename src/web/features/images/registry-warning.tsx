import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useMe } from '../../data/me.ts';
import { useRegistryStatus } from '../../data/registry.ts';

/** Says that custom images cannot be built, as long as there is no registry that they could go to. */
export function RegistryWarning() {
  const { t } = useTranslation('images');
  const { isAdmin } = useMe();
  const { data } = useRegistryStatus();
  if (data === undefined || data.isSet) return null;
  return (
    <Alert
      type="warning"
      showIcon
      className="above-list"
      title={t('registry.missing')}
      description={
        isAdmin ? (
          <>
            {t('registry.text')} <Link to="/settings/registry">{t('registry.setUp')}</Link>
          </>
        ) : (
          `${t('registry.text')} ${t('registry.ask')}`
        )
      }
    />
  );
}
