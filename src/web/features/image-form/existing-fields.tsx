import { Checkbox, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormField } from '../../ui/form-field.tsx';
import type { ImageFormState } from './use-image-form.ts';

/** Where an image is that somebody else builds; another one for GPUs, if need be. */
export function ExistingFields({ form }: { readonly form: ImageFormState }) {
  const { t } = useTranslation('imageForm');
  const { draft, set } = form;
  const [isGpuWanted, setGpuWanted] = useState(draft.gpuUrl !== '');
  return (
    <>
      <ReferenceField form={form} field="url" isRequired />
      {draft.type === 'universal' && (
        <Checkbox
          checked={isGpuWanted}
          onChange={({ target }) => {
            setGpuWanted(target.checked);
            if (!target.checked) set({ gpuUrl: '' });
          }}
        >
          {t('useGpuUrl')}
        </Checkbox>
      )}
      {draft.type === 'universal' && isGpuWanted && <ReferenceField form={form} field="gpuUrl" />}
    </>
  );
}

interface ReferenceFieldProps {
  readonly form: ImageFormState;
  readonly field: 'url' | 'gpuUrl';
  readonly isRequired?: boolean;
}

function ReferenceField({
  form: { draft, set, complaints, problemsAt },
  field,
  isRequired = false,
}: ReferenceFieldProps) {
  const { t } = useTranslation('imageForm');
  const complaint = field === 'url' ? complaints.url : undefined;
  return (
    <FormField
      label={t(`field.${field}`)}
      {...{ isRequired }}
      complaint={complaint && t(`complaint.${complaint}`)}
      problems={problemsAt(field)}
    >
      {(attributes) => (
        <Input
          {...attributes}
          autoComplete="off"
          spellCheck={false}
          value={draft[field]}
          onChange={(event) => set({ [field]: event.target.value })}
        />
      )}
    </FormField>
  );
}
