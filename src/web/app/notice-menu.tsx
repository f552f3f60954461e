import { BellOutlined } from '@ant-design/icons';
import { Badge, Button, Popover } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { clearNotices, markAllSeen, useNotices } from '../data/notices.ts';
import { RelativeTime } from '../ui/relative-time.tsx';

/** The messages that were shown, to be read again. */
export function NoticeMenu() {
  const { t } = useTranslation('app');
  const notices = useNotices();
  const unseen = notices.filter(({ isSeen }) => !isSeen).length;
  const list = (
    <>
      <ul className="notice-list">
        {notices.map(({ id, text, link, at }) => (
          <li key={id}>
            {text} {link && <Link to={link.to}>{link.text}</Link>}
            <div className="muted">
              <RelativeTime at={at.toISOString()} />
            </div>
          </li>
        ))}
      </ul>
      {notices.length === 0 ? (
        <p className="muted">{t('notices.none')}</p>
      ) : (
        <Button type="link" size="small" onClick={clearNotices}>
          {t('notices.clear')}
        </Button>
      )}
    </>
  );
  const label = unseen === 0 ? t('notices.title') : t('notices.open', { count: unseen });
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t('notices.title')}
      content={list}
      onOpenChange={(isOpen) => isOpen && markAllSeen()}
    >
      <Button
        type="text"
        aria-label={label}
        title={label}
        icon={
          <Badge dot={unseen > 0} size="small">
            <BellOutlined />
          </Badge>
        }
      />
    </Popover>
  );
}
