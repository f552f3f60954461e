import { Button, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { type User, useCreateSignInLink } from '../../data/users.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { ReferenceText } from '../../ui/reference-text.tsx';
import { useReturnFocus } from '../../ui/use-return-focus.ts';

interface SignInLinkDialogProps {
  readonly user: User;
  readonly onClose: () => void;
}

/** Makes a link by which a user can sign in, and shows it this once. */
export function SignInLinkDialog({ user: { name }, onClose }: SignInLinkDialogProps) {
  const { t } = useTranslation('people');
  useReturnFocus();
  const { mutate, data, error, isPending } = useCreateSignInLink();
  return (
    <Modal
      open
      title={t('user.linkFor', { name })}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t('close')}</Button>
          {data === undefined && (
            <Button type="primary" loading={isPending} onClick={() => mutate({ params: { name } })}>
              {t('user.makeLink')}
            </Button>
          )}
        </>
      }
    >
      <div className="stack" role="status">
        <p>{t('user.linkText')}</p>
        {data !== undefined && (
          <div className="shown-once">
            <ReferenceText text={data.url} thing={t('user.link')} />
          </div>
        )}
      </div>
      {error !== null && <ProblemAlert error={error} />}
    </Modal>
  );
}
