import { Button, type ButtonProps, Modal } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ProblemAlert } from './problem-alert.tsx';

interface ConfirmButtonProps {
  /** What stands on the button. */
  readonly children?: ReactNode;
  readonly button?: Omit<ButtonProps, 'onClick' | 'children'>;
  readonly title: string;
  /** What will be lost. */
  readonly text: ReactNode;
  /** The verb that does it: `Delete`. */
  readonly confirmText: string;
  /** The dialog closes when it succeeds, and shows the error when it does not. */
  readonly onConfirm: () => Promise<unknown>;
}

/** A button for what cannot be undone: it asks first. */
export function ConfirmButton({ children, button, title, text, confirmText, onConfirm }: ConfirmButtonProps) {
  const { t } = useTranslation('ui');
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const open = () => {
    setError(undefined);
    setOpen(true);
  };
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      setOpen(false);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button {...button} onClick={open}>
        {children}
      </Button>
      <Modal
        open={isOpen}
        title={title}
        okText={confirmText}
        okButtonProps={{ danger: true, loading: isBusy }}
        cancelText={t('cancel')}
        onOk={confirm}
        onCancel={() => setOpen(false)}
        destroyOnHidden
      >
        <div>{text}</div>
        {error !== undefined && <ProblemAlert error={error} />}
      </Modal>
    </>
  );
}
