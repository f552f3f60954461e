import { DeleteOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { useDeleteImage } from '../../data/images.ts';
import { notify } from '../../data/notices.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';

interface DeleteImageProps {
  readonly name: string;
  readonly isIcon?: boolean;
  readonly onDeleted?: () => void;
}

export function DeleteImage({ name, isIcon = false, onDeleted }: DeleteImageProps) {
  const { t } = useTranslation('images');
  const { mutateAsync } = useDeleteImage();
  const confirm = async () => {
    await mutateAsync({ params: { name } });
    notify({ kind: 'success', text: t('deleted', { name }) });
    onDeleted?.();
  };
  const icon = <DeleteOutlined />;
  return (
    <ConfirmButton
      button={
        isIcon
          ? { type: 'text', icon, title: t('action.delete', { name }), 'aria-label': t('action.delete', { name }) }
          : { danger: true, icon }
      }
      title={t('delete.title', { name })}
      text={t('delete.text')}
      confirmText={t('delete.confirm')}
      onConfirm={confirm}
    >
      {isIcon ? undefined : t('delete.confirm')}
    </ConfirmButton>
  );
}
