import type { UseMutationResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { notify } from './notices.ts';

/** Makes of a change that deletes a thing one that says by its name that it is gone. */
export function useDeletion<C>({
  mutateAsync,
}: Pick<UseMutationResult<unknown, Error, C>, 'mutateAsync'>): (name: string, call: C) => Promise<void> {
  const { t } = useTranslation('ui');
  return async (name, call) => {
    await mutateAsync(call);
    notify({ kind: 'success', text: t('thing.deleted', { name }) });
  };
}
