import { Button, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { ControlField, type ControlProps } from './form-field.tsx';

interface SecretFieldProps extends ControlProps<string | null | undefined> {
  /** One is stored. */
  readonly isStored: boolean;
  /** There may also be none. */
  readonly isRemovable?: boolean;
}

/** A secret that is never shown: `undefined` keeps the one that is stored, `null` removes it, a text replaces it. */
export function SecretField({ value, onChange, isStored, isRemovable = false, ...field }: SecretFieldProps) {
  const { t } = useTranslation('ui');
  const kept = isStored ? t('secret.kept') : undefined;
  return (
    <ControlField {...field}>
      {(attributes) => (
        <div className="with-button">
          <Input.Password
            {...attributes}
            autoComplete="new-password"
            placeholder={value === null ? t('secret.removed') : kept}
            value={value ?? ''}
            onChange={({ target }) => onChange(target.value === '' ? undefined : target.value)}
          />
          {isStored && isRemovable && value === undefined && (
            <Button onClick={() => onChange(null)}>{t('secret.remove')}</Button>
          )}
          {isStored && value !== undefined && <Button onClick={() => onChange(undefined)}>{t('secret.keep')}</Button>}
        </div>
      )}
    </ControlField>
  );
}
