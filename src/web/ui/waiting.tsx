import { Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';

/** Holds the place of what is being loaded. */
export function Waiting({ rows = 6 }: { readonly rows?: number }) {
  const { t } = useTranslation('ui');
  return (
    <div role="status" aria-label={t('loading')} className="waiting">
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}
