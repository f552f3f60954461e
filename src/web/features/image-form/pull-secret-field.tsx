import { Button, Checkbox, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePullSecrets } from '../../data/pull-secrets.ts';
import { FormField } from '../../ui/form-field.tsx';
import { NewSecretDialog } from './new-secret-dialog.tsx';
import type { ImageFormState } from './use-image-form.ts';

/** Whether the registry wants to know who pulls, and by which secret. */
export function PullSecretField({ form: { draft, set, problemsAt } }: { readonly form: ImageFormState }) {
  const { t } = useTranslation('imageForm');
  const secrets = usePullSecrets();
  const [isWanted, setWanted] = useState(false);
  const [isMaking, setMaking] = useState(false);
  const isUsed = isWanted || draft.pullSecret !== null;
  const known = secrets.data?.items ?? [];
  const options = known.map(({ name, registryHost }) => ({ value: name, label: `${name} · ${registryHost}` }));
  const isListed = draft.pullSecret === null || known.some(({ name }) => name === draft.pullSecret);
  return (
    <div className="stack tight">
      <Checkbox
        checked={isUsed}
        onChange={({ target }) => {
          setWanted(target.checked);
          if (!target.checked) set({ pullSecret: null });
        }}
      >
        {t('useSecret')}
      </Checkbox>
      {isUsed && (
        <div className="with-button">
          <FormField label={t('field.pullSecret')} problems={problemsAt('pullSecret')}>
            {(attributes) => (
              <Select
                {...attributes}
                showSearch={{ optionFilterProp: 'label' }}
                placeholder={t('chooseSecret')}
                value={draft.pullSecret}
                options={isListed ? options : [...options, { value: draft.pullSecret!, label: draft.pullSecret! }]}
                notFoundContent={t('noSecrets')}
                onChange={(pullSecret: string) => set({ pullSecret })}
              />
            )}
          </FormField>
          <Button onClick={() => setMaking(true)}>{t('secret.new')}</Button>
        </div>
      )}
      {isMaking && (
        <NewSecretDialog
          reference={draft.kind === 'custom' ? draft.base : draft.url}
          ownerGroup={draft.ownerGroup}
          onClose={() => setMaking(false)}
          onMade={(pullSecret) => {
            set({ pullSecret });
            setMaking(false);
          }}
        />
      )}
    </div>
  );
}
