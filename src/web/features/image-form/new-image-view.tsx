import { useTranslation } from 'react-i18next';
import { useMayMake } from '../../data/me.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { ImageForm } from './image-form.tsx';

/** Makes an image. */
export function Component() {
  const { t } = useTranslation('imageForm');
  const mayMake = useMayMake();
  return (
    <>
      <PageTitle title={t('newTitle')} />
      {mayMake ? <ImageForm /> : <EmptyState title={t('mayNotMake')} />}
    </>
  );
}
