import { DeleteOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { ConfirmButton } from './confirm-button.tsx';

interface DeleteButtonProps {
  /** `Delete research` */
  readonly label: string;
  readonly title: string;
  /** What will be lost. */
  readonly text: ReactNode;
  readonly confirmText: string;
  readonly onDelete: () => Promise<unknown>;
}

/** Deletes what stands in a row, after asking. */
export function DeleteButton({ label, onDelete, ...dialog }: DeleteButtonProps) {
  return (
    <ConfirmButton
      button={{ type: 'text', icon: <DeleteOutlined />, title: label, 'aria-label': label }}
      {...dialog}
      onConfirm={onDelete}
    />
  );
}
