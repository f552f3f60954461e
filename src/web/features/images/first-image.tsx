import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useMayMake } from '../../data/me.ts';
import { EmptyState } from '../../ui/empty-state.tsx';

/** Says what an image is and how the first one is made. */
export function FirstImage() {
  const { t } = useTranslation('images');
  const mayMake = useMayMake();
  return (
    <EmptyState
      title={t('first.title')}
      action={
        mayMake && (
          <Link to="/new-image">
            <Button type="primary" size="large" tabIndex={-1}>
              {t('first.add')}
            </Button>
          </Link>
        )
      }
    >
      <p>{t('first.text')}</p>
      {mayMake ? (
        <ol className="first-steps">
          <li>{t('first.base')}</li>
          <li>{t('first.packages')}</li>
          <li>{t('first.confirm')}</li>
        </ol>
      ) : (
        <p>{t('first.ask')}</p>
      )}
    </EmptyState>
  );
}
