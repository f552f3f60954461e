import { CheckCircleFilled, CloseCircleFilled, MinusCircleOutlined } from '@ant-design/icons';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { RegistryTest } from '../../data/registry.ts';
import { Said } from '../../ui/said.tsx';

const looks = {
  ok: { icon: <CheckCircleFilled />, tone: 'good' },
  failed: { icon: <CloseCircleFilled />, tone: 'bad' },
  skipped: { icon: <MinusCircleOutlined />, tone: 'muted' },
} as const;

/** What a test of the registry found, step by step. */
export function RegistryChecks({
  test: { isOk, registryHost, exampleImage, checks },
}: {
  readonly test: RegistryTest;
}) {
  const { t } = useTranslation('settings');
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    element.current?.scrollIntoView({ block: 'nearest' });
  }, [checks]);
  return (
    <section ref={element} className="panel above-bar" role="status">
      <h2 className={isOk ? 'good' : 'bad'}>{t(isOk ? 'registry.works' : 'registry.fails', { host: registryHost })}</h2>
      <ul className="checks">
        {checks.map(({ check, result, message, hint }) => (
          <li key={check}>
            <span className={looks[result].tone} aria-hidden="true">
              {looks[result].icon}
            </span>
            <div>
              {t(`registry.check.${check}`)} <span className="muted">{t(`registry.result.${result}`)}</span>
              <p>
                <Said text={message} hint={hint} />
              </p>
            </div>
          </li>
        ))}
      </ul>
      <p>
        {t('registry.example')}: <code>{exampleImage}</code>
      </p>
    </section>
  );
}
