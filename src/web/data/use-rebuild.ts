import { useNavigate } from 'react-router';
import { messageOf } from '../../errors.ts';
import { tell } from '../i18n/told.ts';
import { useRebuildImage } from './jobs.ts';
import { notify } from './notices.ts';

/** Builds an image again and goes to the job; tells why when that is refused. */
export function useRebuild(name: string): (options: { readonly noCache: boolean }) => Promise<void> {
  const navigate = useNavigate();
  const { mutateAsync } = useRebuildImage();
  return async ({ noCache }) => {
    try {
      const { id } = await mutateAsync({ params: { name }, body: { noCache } });
      navigate(`/jobs/${id}`);
    } catch (error) {
      notify({ kind: 'error', text: tell(messageOf(error)).text });
    }
  };
}
