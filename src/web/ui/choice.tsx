import type { ReactNode } from 'react';

interface ChoiceProps<K extends string> {
  readonly label: string;
  /** Empty for the first one: nothing is chosen. */
  readonly value: K | '';
  readonly options: readonly { readonly value: K; readonly text: string }[];
  /** Of the entry that stands for no choice; there is none when absent. */
  readonly none?: string;
  readonly onChange: (value: K | '') => void;
  readonly isLabelHidden?: boolean;
}

/** One of a few, by the browser's own control. */
export function Choice<K extends string>(props: ChoiceProps<K>): ReactNode {
  const { label, value, options, none, onChange, isLabelHidden = true } = props;
  return (
    <label className="choice">
      <span className={isLabelHidden ? 'visually-hidden' : 'muted'}>{label}</span>
      <select
        value={value}
        data-chosen={(none !== undefined && value !== '') || undefined}
        onChange={(event) => onChange(event.target.value as K | '')}
      >
        {none !== undefined && <option value="">{none}</option>}
        {options.map(({ value: each, text }) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
