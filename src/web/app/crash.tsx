import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useRouteError } from 'react-router';
import { messageOf } from '../../errors.ts';
import { PageTitle } from '../ui/page-title.tsx';

/** In place of a view that failed: by a bug of ours, or because its code is that of an older version and gone. */
export function Crash() {
  const { t } = useTranslation('app');
  const message = messageOf(useRouteError());
  const isOutdated = /dynamically imported module|Importing a module script|preload/i.test(message);
  return (
    <div className="standalone">
      <PageTitle title={t('crash.title')} />
      <p>{isOutdated ? t('crash.newVersion') : t('crash.text')}</p>
      {!isOutdated && <pre lang="en">{message}</pre>}
      <Button type="primary" onClick={() => location.reload()}>
        {t('crash.reload')}
      </Button>
    </div>
  );
}
