import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Registry } from '../../data/registry.ts';
import { type RegistryValues, valuesOf } from './registry-values.ts';

interface StaleRegistryProps {
  readonly mine: RegistryValues;
  readonly theirs: Registry;
  readonly onTakeTheirs: () => void;
  readonly onKeepMine: () => void;
}

const compared = ['place', 'endpoint', 'username', 'pushRepoPrefix', 'pushRepo', 'plainHttp', 'insecure'] as const;

/** Says that somebody else has changed the registry meanwhile, and shows both versions of what differs. */
export function StaleRegistry({ mine, theirs, onTakeTheirs, onKeepMine }: StaleRegistryProps) {
  const { t } = useTranslation('settings');
  const textOf = (values: RegistryValues, field: (typeof compared)[number]) => {
    const value = field === 'insecure' ? values.insecureSkipVerify : values[field];
    if (field === 'place') return t(`registry.placeOf.${values.place}`);
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    return value || '–';
  };
  const rows = compared
    .map((field) => ({ field, own: textOf(mine, field), other: textOf(valuesOf(theirs), field) }))
    .filter(({ own, other }) => own !== other);
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      title={t('stale.title', { who: theirs.updatedBy ?? t('stale.somebody') })}
      description={
        <div className="stack">
          {rows.length === 0 ? (
            <p>{t('stale.same')}</p>
          ) : (
            <table className="data-table versions">
              <thead>
                <tr>
                  <th scope="col">{t('stale.field')}</th>
                  <th scope="col">{t('stale.mine')}</th>
                  <th scope="col">{t('stale.theirs')}</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ field, own, other }) => (
                  <tr key={field}>
                    <th scope="row">{t(`registry.${field}`)}</th>
                    <td data-title={t('stale.mine')}>{own}</td>
                    <td data-title={t('stale.theirs')}>{other}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          <div className="buttons">
            <Button onClick={onKeepMine}>{t('stale.keepMine')}</Button>
            <Button onClick={onTakeTheirs}>{t('stale.takeTheirs')}</Button>
          </div>
        </div>
      }
    />
  );
}
