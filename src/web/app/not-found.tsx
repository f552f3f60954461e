import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { EmptyState } from '../ui/empty-state.tsx';
import { PageTitle } from '../ui/page-title.tsx';

export function NotFound() {
  const { t } = useTranslation('app');
  return (
    <>
      <PageTitle title={t('notFound.title')} />
      <EmptyState title={t('notFound.text')} action={<Link to="/images">{t('notFound.toImages')}</Link>} />
    </>
  );
}
