import { InputNumber } from 'antd';
import { ControlField, type ControlProps } from './form-field.tsx';

interface NumberFieldProps extends ControlProps<number | null> {
  readonly max: number;
  /** What applies when nothing is entered. */
  readonly placeholder?: string;
}

/** A whole number from 1 on, or nothing. */
export function NumberField({ value, onChange, max, placeholder, ...field }: NumberFieldProps) {
  return (
    <ControlField {...field}>
      {(attributes) => (
        <InputNumber
          {...attributes}
          className="number-field"
          min={1}
          max={max}
          precision={0}
          placeholder={placeholder}
          value={value}
          onChange={onChange}
        />
      )}
    </ControlField>
  );
}
