import { Select } from 'antd';
import { ControlField, type ControlProps } from './form-field.tsx';

interface ChoiceFieldProps<K extends string | null> extends ControlProps<K> {
  readonly options: readonly { readonly value: K; readonly text: string }[];
}

/** One of those that are offered; `null` may be one of them. */
export function ChoiceField<K extends string | null>(props: ChoiceFieldProps<K>) {
  const { value, onChange, options, ...field } = props;
  return (
    <ControlField {...field}>
      {(attributes) => (
        <Select
          {...attributes}
          showSearch={options.length > 8 && { optionFilterProp: 'label' }}
          value={value ?? ''}
          options={options.map((option) => ({ value: option.value ?? '', label: option.text }))}
          onChange={(chosen: string) => onChange((chosen === '' ? null : chosen) as K)}
        />
      )}
    </ControlField>
  );
}
