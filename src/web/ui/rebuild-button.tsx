import { DownOutlined, ReloadOutlined } from '@ant-design/icons';
import { Button, Dropdown, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

interface RebuildButtonProps {
  /** Tells by itself what goes wrong. */
  readonly onRebuild: (options: { readonly noCache: boolean }) => Promise<void>;
}

/** Builds again, by what the indexes have now; or with nothing that was kept from earlier builds. */
export function RebuildButton({ onRebuild }: RebuildButtonProps) {
  const { t } = useTranslation('ui');
  const [isBusy, setBusy] = useState(false);
  const rebuild = async (noCache: boolean) => {
    setBusy(true);
    await onRebuild({ noCache });
    setBusy(false);
  };
  return (
    <Space.Compact>
      <Button icon={<ReloadOutlined />} loading={isBusy} onClick={() => rebuild(false)}>
        {t('rebuild.now')}
      </Button>
      <Dropdown
        trigger={['click']}
        menu={{ items: [{ key: 'noCache', label: t('rebuild.noCache') }], onClick: () => rebuild(true) }}
      >
        <Button icon={<DownOutlined />} aria-label={t('rebuild.more')} disabled={isBusy} />
      </Dropdown>
    </Space.Compact>
  );
}
