import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { ShownProblem } from './problem-alert.tsx';
import { Said } from './said.tsx';
import type { FieldState } from './use-form.ts';

/** What ties a control to its label, hint and problems. */
export interface ControlAttributes {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean;
  /** Left out when all is well. */
  readonly status?: 'error';
}

interface FormFieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  /** What the page itself finds wrong. */
  readonly complaint?: string | undefined;
  /** What the server finds wrong. */
  readonly problems?: readonly ShownProblem[] | undefined;
  readonly isRequired?: boolean;
  /** The label stands at the control, as a box to tick has it. */
  readonly isLabelled?: boolean;
  /** Makes the control, which carries these. */
  readonly children: (attributes: ControlAttributes) => ReactNode;
}

/** A control of a form under its label, with a hint and what is wrong with it below. */
export function FormField(props: FormFieldProps) {
  const { label, hint, complaint, problems = [], isRequired = false, isLabelled = false, children } = props;
  const { t } = useTranslation('ui');
  const id = useId();
  const isInvalid = problems.length > 0 || complaint !== undefined;
  const describedBy = [hint !== undefined && `${id}-hint`, isInvalid && `${id}-problems`].filter(Boolean).join(' ');
  return (
    <div className="form-field" data-invalid={isInvalid || undefined}>
      {!isLabelled && (
        <label htmlFor={id}>
          {label} {isRequired && <span className="muted">({t('form.required')})</span>}
        </label>
      )}
      {children({
        id,
        'aria-describedby': describedBy || undefined,
        'aria-invalid': isInvalid,
        ...(isInvalid && { status: 'error' }),
      })}
      {hint !== undefined && (
        <div id={`${id}-hint`} className="form-hint">
          {hint}
        </div>
      )}
      {isInvalid && (
        <div id={`${id}-problems`} className="form-problems">
          {complaint !== undefined && <p>{complaint}</p>}
          {problems.map(({ message, hint: next }) => (
            <p key={message}>
              <Said text={message} hint={next} />
            </p>
          ))}
        </div>
      )}
    </div>
  );
}

/** What every control of a `Form` takes beside what is of its kind: `<TextField label={…} {...form.field('name')} />`. */
export interface ControlProps<T> extends FieldState<T> {
  readonly label: string;
  readonly hint?: ReactNode;
}

/** The frame of a control of a `Form`: what is missing is said in the language of the page. */
export function ControlField<T>(
  props: Omit<ControlProps<T>, 'value' | 'onChange'> & Pick<FormFieldProps, 'children' | 'isLabelled'>,
) {
  const { isMissing, ...rest } = props;
  const { t } = useTranslation('ui');
  return <FormField {...rest} complaint={isMissing ? t('form.missing') : undefined} />;
}
