import { Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { FormField } from '../../ui/form-field.tsx';
import type { ImageFormState } from './use-image-form.ts';

/** The name of a new image: whether it can be one and is free is told while it is typed. */
export function NameField({
  form: { draft, set, complaints, isNameFree, problemsAt },
}: {
  readonly form: ImageFormState;
}) {
  const { t } = useTranslation('imageForm');
  const found = isNameFree === false ? ('nameTaken' as const) : complaints.name;
  return (
    <FormField
      label={t('field.name')}
      hint={
        <>
          {t('nameHint')} <span role="status">{isNameFree && <span className="good">{t('nameFree')}</span>}</span>
        </>
      }
      isRequired
      complaint={found && t(`complaint.${found}`)}
      problems={isNameFree === false ? [] : problemsAt('name')}
    >
      {(attributes) => (
        <Input
          {...attributes}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={63}
          value={draft.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      )}
    </FormField>
  );
}
