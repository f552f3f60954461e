import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

export function Brand() {
  const { t } = useTranslation('app');
  return (
    <Link to="/images" className="app-brand" aria-label={t('name')}>
      <img src="/favicon.svg" alt="" width={22} height={22} />
      <span>{t('name')}</span>
    </Link>
  );
}
