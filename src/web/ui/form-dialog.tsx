import { Modal } from 'antd';
import { type FormEvent, type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from './problem-alert.tsx';
import type { Form } from './use-form.ts';
import { useReturnFocus } from './use-return-focus.ts';

interface FormDialogProps<V> {
  readonly title: string;
  /** The verb that does it: `Create`. */
  readonly confirmText: string;
  readonly form: Form<V>;
  /** Closes by itself, or throws what is then shown. */
  readonly onSubmit: () => Promise<unknown>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A form of a few fields over the view that it belongs to. */
export function FormDialog<V>({ title, confirmText, form, onSubmit, onClose, children }: FormDialogProps<V>) {
  const { t } = useTranslation('ui');
  const id = useId();
  useReturnFocus();
  const { attempt, element, error, isBusy, isPlaced } = form;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A dialog may stand inside the form of a view, though the browser shows it elsewhere.
    event.stopPropagation();
    void attempt(onSubmit);
  };
  return (
    <Modal
      open
      title={title}
      okText={confirmText}
      okButtonProps={{ htmlType: 'submit', form: id, loading: isBusy }}
      cancelText={t('cancel')}
      onCancel={onClose}
      // A click beside it by mistake loses nothing that was entered.
      mask={{ closable: !form.isChanged }}
      afterOpenChange={(isOpen) => isOpen && focusFirst(element.current)}
    >
      <form ref={element} id={id} className="stack" noValidate onSubmit={submit}>
        {children}
        {error !== undefined && <ProblemAlert error={error} isListed={(problem) => !isPlaced(problem)} />}
      </form>
    </Modal>
  );
}

/** Unless somebody was quicker than the dialog's opening, and is in another field by now. */
function focusFirst(form: HTMLFormElement | null) {
  if (form === null || form.contains(document.activeElement)) return;
  form.querySelector<HTMLElement>('input, textarea')?.focus();
}
