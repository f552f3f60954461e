import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Copies a text to the clipboard, and says that it did. `thing` names it for those who cannot see where the button stands. */
export function CopyButton({ text, thing }: { readonly text: string; readonly thing: string }) {
  const { t } = useTranslation('ui');
  const [outcome, setOutcome] = useState<'copied' | 'copyFailed'>();
  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), 2000);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => setOutcome((await copyText(text)) ? 'copied' : 'copyFailed');
  return (
    <>
      <Tooltip title={outcome === undefined ? t('copy') : t(outcome)}>
        <Button
          type="text"
          size="small"
          aria-label={t('copyThing', { thing })}
          icon={outcome === 'copied' ? <CheckOutlined className="good" /> : <CopyOutlined />}
          onClick={copy}
        />
      </Tooltip>
      <span role="status" className="visually-hidden">
        {outcome !== undefined && t(outcome)}
      </span>
    </>
  );
}

/** Pages that are not served over https, or from this machine, have no clipboard but the old one. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}
