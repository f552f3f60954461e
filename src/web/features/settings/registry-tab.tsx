import { useTranslation } from 'react-i18next';
import { useRegistryToEdit } from '../../data/registry.ts';
import { Answered } from '../../ui/answered.tsx';
import { Waiting } from '../../ui/waiting.tsx';
import { RegistryForm } from './registry-form.tsx';

/** Where images are pushed to. */
export function Component() {
  const { t } = useTranslation('settings');
  const registry = useRegistryToEdit();
  return (
    <>
      <p className="muted tab-intro">{t('registry.intro')}</p>
      {registry.isFetchedAfterMount ? (
        <Answered query={registry}>{(found) => <RegistryForm opened={found} />}</Answered>
      ) : (
        <Waiting rows={8} />
      )}
    </>
  );
}
