import { Alert } from 'antd';
import { useTranslation } from 'react-i18next';
import { countPackages, packageKinds } from './draft.ts';
import type { Taken } from './use-taken-lines.ts';

/** Says what became of a text or file that was taken in, and what no line can say. */
export function TakenNotice({ taken, onDismiss }: { readonly taken: Taken; readonly onDismiss: () => void }) {
  const { t } = useTranslation(['imageForm', 'ui']);
  if (taken.source === 'unreadable') {
    const title = t('taken.unreadable', { file: taken.file });
    return <Alert type="error" showIcon closable={{ onClose: onDismiss }} role="alert" title={title} />;
  }
  const { packages, leftOut, source, file } = taken;
  const added = packageKinds
    .map((kind) => ({ kind: t(`ui:packages.${kind}`), count: countPackages(packages[kind].join('\n')) }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => `${kind} ${count}`)
    .join(' · ');
  return (
    <Alert
      type={leftOut.length > 0 ? 'warning' : 'info'}
      showIcon
      closable={{ onClose: onDismiss }}
      role="status"
      title={t(`taken.${source}`, { what: file ?? t('taken.pasted'), added: added || t('ui:none') })}
      description={
        leftOut.length > 0 && (
          <>
            {t('taken.leftOut')}
            <ul className="left-out">
              {leftOut.map((each) => (
                <li key={each}>
                  <code>{each}</code>
                </li>
              ))}
            </ul>
          </>
        )
      }
    />
  );
}
