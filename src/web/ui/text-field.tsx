import { Input } from 'antd';
import { ControlField, type ControlProps } from './form-field.tsx';

interface TextFieldProps extends ControlProps<string> {
  readonly maxLength?: number;
  /** Several lines, and how many are shown. */
  readonly rows?: number;
  /** Offered while one types. */
  readonly suggestions?: readonly string[];
}

/** A text as it is typed: nothing is corrected or filled in by the browser. */
export function TextField({ value, onChange, maxLength, rows, suggestions, ...field }: TextFieldProps) {
  return (
    <ControlField {...field}>
      {(attributes) => {
        const input = {
          ...attributes,
          autoComplete: 'off',
          autoCapitalize: 'off',
          spellCheck: false,
          value,
          maxLength,
          onChange: ({ target }: { readonly target: { readonly value: string } }) => onChange(target.value),
        };
        if (rows !== undefined) return <Input.TextArea {...input} rows={rows} />;
        if (suggestions === undefined) return <Input {...input} />;
        return (
          <>
            <Input {...input} list={`${attributes.id}-list`} />
            <datalist id={`${attributes.id}-list`}>
              {suggestions.map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          </>
        );
      }}
    </ControlField>
  );
}
