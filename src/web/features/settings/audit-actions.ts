import { useTranslation } from 'react-i18next';

/** What can have been done, by the nouns of the page. */
export const auditActions = [
  'image.create',
  'image.edit',
  'image.delete',
  'image.rebuild',
  'image.rollback',
  'job.cancel',
  'base-image.create',
  'base-image.edit',
  'base-image.delete',
  'pull-secret.create',
  'pull-secret.edit',
  'pull-secret.delete',
  'package-source.create',
  'package-source.edit',
  'package-source.delete',
  'registry.set',
  'registry.delete',
  'registry.collect',
  'group.create',
  'group.edit',
  'group.delete',
  'group.member.set',
  'group.member.remove',
  'user.create',
  'user.edit',
  'user.delete',
  'user.sign-in-link',
  'user.sign-in',
  'user.sign-out',
  'token.create',
  'token.revoke',
] as const;

/** Says what was done; what this page does not know yet keeps the server's name. */
export function useActionText(): (action: string) => string {
  const { t } = useTranslation('settings');
  return (action) => {
    const known = auditActions.find((each) => each === action);
    return known === undefined ? action : t(`audit.action.${known}`);
  };
}
