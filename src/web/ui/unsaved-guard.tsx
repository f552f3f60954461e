import { Modal } from 'antd';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useBeforeUnload, useBlocker } from 'react-router';

interface UnsavedGuardProps {
  /** There is something to lose. */
  readonly isUnsaved: () => boolean;
  /** What was written is not wanted. */
  readonly onLeave: () => void;
}

/** Asks before what was written is lost: on the way to another view, and, in the browser's words, out of the page. */
export function UnsavedGuard({ isUnsaved, onLeave }: UnsavedGuardProps) {
  const { t } = useTranslation('ui');
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname && isUnsaved(),
  );
  useBeforeUnload(
    useCallback(
      (event) => {
        if (isUnsaved()) event.preventDefault();
      },
      [isUnsaved],
    ),
  );
  return (
    <Modal
      open={blocker.state === 'blocked'}
      title={t('unsaved.title')}
      okText={t('unsaved.leave')}
      okButtonProps={{ danger: true }}
      cancelText={t('unsaved.stay')}
      onOk={() => {
        onLeave();
        blocker.proceed?.();
      }}
      onCancel={() => blocker.reset?.()}
      destroyOnHidden
    >
      {t('unsaved.text')}
    </Modal>
  );
}
