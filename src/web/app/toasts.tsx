import { CloseOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { markSeen, type Notice, useNotices } from '../data/notices.ts';

const shownMs = 6000;

/** New messages in a corner; errors stay until they are dismissed, all others can be read again under the bell. */
export function Toasts() {
  const notices = useNotices();
  return (
    <div className="toasts" role="log" aria-live="polite">
      {notices
        .filter(({ isSeen }) => !isSeen)
        .slice(0, 4)
        .map((notice) => (
          <Toast key={notice.id} notice={notice} />
        ))}
    </div>
  );
}

function Toast({ notice: { id, kind, text, link } }: { readonly notice: Notice }) {
  const { t } = useTranslation('app');
  useEffect(() => {
    if (kind === 'error') return;
    const timer = setTimeout(() => markSeen(id), shownMs);
    return () => clearTimeout(timer);
  }, [id, kind]);
  return (
    <div className="toast" data-kind={kind}>
      <p>
        {text} {link && <Link to={link.to}>{link.text}</Link>}
      </p>
      <Button
        type="text"
        size="small"
        icon={<CloseOutlined />}
        aria-label={t('notices.dismiss')}
        onClick={() => markSeen(id)}
      />
    </div>
  );
}
