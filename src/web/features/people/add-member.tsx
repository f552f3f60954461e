import { Button } from 'antd';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { type Member, useSetMember } from '../../data/groups.ts';
import { useMe } from '../../data/me.ts';
import { useUserNames } from '../../data/users.ts';
import { ProblemAlert } from '../../ui/problem-alert.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { useForm } from '../../ui/use-form.ts';

interface AddMemberProps {
  readonly group: string;
  readonly members: readonly Member[];
}

/** Puts a user into a group. Administrators are offered names; those of a group know whom they want. */
export function AddMember({ group, members }: AddMemberProps) {
  const { t } = useTranslation('people');
  const { isAdmin } = useMe();
  const { mutateAsync } = useSetMember();
  const names = useUserNames(isAdmin);
  const form = useForm({ initial: { user: '' }, required: ['user'] });
  const { values, field, attempt, error, element, isBusy, isPlaced } = form;
  const add = async (event: FormEvent) => {
    event.preventDefault();
    const user = values.user.trim();
    const isDone = await attempt(() => mutateAsync({ params: { name: group, user }, body: { role: 'member' } }));
    if (isDone) form.reset({ user: '' });
  };
  return (
    <form ref={element} className="stack narrow" noValidate onSubmit={add}>
      <div className="with-button">
        <TextField
          label={t('group.addMember')}
          maxLength={63}
          suggestions={names.filter((name) => !members.some(({ user }) => user === name))}
          {...field('user', 'path.user')}
        />
        <Button htmlType="submit" loading={isBusy}>
          {t('group.put')}
        </Button>
      </div>
      {error !== undefined && <ProblemAlert error={error} isListed={(problem) => !isPlaced(problem)} />}
    </form>
  );
}
