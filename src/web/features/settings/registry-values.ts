import type { Registry, RegistryInput } from '../../data/registry.ts';

/** What stands in the form of the registry. */
export interface RegistryValues {
  /** Where images go. */
  readonly place: 'registry' | 'embedded' | 'none';
  readonly endpoint: string;
  readonly username: string;
  /** `undefined` keeps the one that is stored, `null` removes it. */
  readonly password: string | null | undefined;
  readonly pushRepo: string;
  readonly pushRepoPrefix: string;
  readonly insecureSkipVerify: boolean;
  readonly plainHttp: boolean;
}

/** The form of the settings as they stand. */
export function valuesOf(registry: Registry): RegistryValues {
  const { source, endpoint, username, pushRepo, pushRepoPrefix, insecureSkipVerify, plainHttp } = registry;
  return {
    place: source === 'stored' ? 'registry' : source,
    endpoint: endpoint ?? '',
    username: username ?? '',
    password: undefined,
    pushRepo: pushRepo ?? '',
    pushRepoPrefix: pushRepoPrefix ?? '',
    ...{ insecureSkipVerify, plainHttp },
  };
}

/** What is sent to save or to try them. Without a registry nothing is kept of the one that was set. */
export function inputOf(values: RegistryValues): RegistryInput {
  const { place, endpoint, username, password, pushRepo, pushRepoPrefix, insecureSkipVerify, plainHttp } = values;
  if (place !== 'registry') return { password: null, embedded: place === 'embedded' };
  return {
    endpoint: endpoint.trim() || null,
    username: username.trim() || null,
    ...(password !== undefined && { password }),
    pushRepo: pushRepo.trim() || null,
    pushRepoPrefix: pushRepoPrefix.trim() || null,
    ...{ insecureSkipVerify, plainHttp },
  };
}

/** One of the three must say which registry it is. */
export function requiredOf({ place, pushRepo, pushRepoPrefix }: RegistryValues): readonly 'endpoint'[] {
  return place === 'registry' && pushRepo.trim() === '' && pushRepoPrefix.trim() === '' ? ['endpoint'] : [];
}
