import { Modal } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from './problem-alert.tsx';

interface ConfirmDialogProps {
  readonly isOpen: boolean;
  readonly title: string;
  readonly text: ReactNode;
  readonly confirmText: string;
  readonly onConfirm: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** The question of a `ConfirmButton`. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { isOpen, title, text, confirmText, onConfirm, onClose } = props;
  const { t } = useTranslation('ui');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const close = () => {
    setError(undefined);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      close();
      keepFocus();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal
      open={isOpen}
      title={title}
      okText={confirmText}
      okButtonProps={{ danger: true, loading: isBusy }}
      cancelText={t('cancel')}
      onOk={confirm}
      onCancel={close}
      destroyOnHidden
    >
      <div>{text}</div>
      {error !== undefined && <ProblemAlert error={error} />}
    </Modal>
  );
}

/** What was deleted took the button with it: whoever works by keyboard goes on at the top of the view. */
function keepFocus(): void {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) document.querySelector<HTMLElement>('#main')?.focus();
  });
}
