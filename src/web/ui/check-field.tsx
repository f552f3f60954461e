import { Checkbox } from 'antd';
import { ControlField, type ControlProps } from './form-field.tsx';

/** A box to tick. */
export function CheckField({ value, onChange, ...field }: ControlProps<boolean>) {
  return (
    <ControlField {...field} isLabelled>
      {({ status: _status, ...attributes }) => (
        <Checkbox {...attributes} checked={value} onChange={({ target }) => onChange(target.checked)}>
          {field.label}
        </Checkbox>
      )}
    </ControlField>
  );
}
