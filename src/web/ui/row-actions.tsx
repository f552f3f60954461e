import { EditOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DeleteButton } from './delete-button.tsx';
import { IconButton } from './icon-button.tsx';

interface RowActionsProps {
  /** Of what stands in the row. */
  readonly name: string;
  /** What will be lost. */
  readonly deleteText: ReactNode;
  readonly onEdit: () => void;
  readonly onDelete: () => Promise<unknown>;
  /** What else may be done with it, which comes first. */
  readonly children?: ReactNode;
}

/** What is done with what stands in a row: edit it, and delete it after asking. */
export function RowActions({ name, deleteText, onEdit, onDelete, children }: RowActionsProps) {
  const { t } = useTranslation('ui');
  return (
    <span className="actions">
      {children}
      <IconButton label={t('thing.edit', { name })} icon={<EditOutlined />} onClick={onEdit} />
      <DeleteButton
        label={t('thing.delete', { name })}
        title={t('thing.deleteTitle', { name })}
        text={deleteText}
        confirmText={t('thing.confirm')}
        onDelete={onDelete}
      />
    </span>
  );
}
