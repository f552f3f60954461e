import { useMe } from '../../data/me.ts';
import { useRegistryStatus } from '../../data/registry.ts';
import { RegistryMissing } from '../../ui/registry-missing.tsx';

/** Says that custom images cannot be built, as long as there is no registry that they could go to. */
export function RegistryWarning() {
  const { isAdmin } = useMe();
  const { data } = useRegistryStatus();
  return data === undefined || data.isSet ? null : <RegistryMissing maySetUp={isAdmin} />;
}
