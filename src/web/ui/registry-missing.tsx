import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

/** Says that there is no registry that images could go to, and who sets one up. */
export function RegistryMissing({ maySetUp }: { readonly maySetUp: boolean }) {
  const { t } = useTranslation('ui');
  return (
    <Alert
      type="warning"
      showIcon
      className="above-list"
      title={t('registry.missing')}
      description={
        maySetUp ? (
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
