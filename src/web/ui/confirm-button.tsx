import { Button, type ButtonProps } from 'antd';
import { lazy, type ReactNode, Suspense, useState } from 'react';

const ConfirmDialog = lazy(async () => ({ default: (await import('./confirm-dialog.tsx')).ConfirmDialog }));

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

/** A button for what cannot be undone: it asks first. The code of the dialog is loaded when it is first wanted. */
export function ConfirmButton({ children, button, ...dialog }: ConfirmButtonProps) {
  const [isOpen, setOpen] = useState<boolean>();
  return (
    <>
      <Button {...button} onClick={() => setOpen(true)}>
        {children}
      </Button>
      {isOpen !== undefined && (
        <Suspense fallback={null}>
          <ConfirmDialog {...dialog} isOpen={isOpen} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
