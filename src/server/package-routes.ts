import type { Hono } from 'hono';
import * as api from '../api/packages.ts';
import type { PackageCatalogue } from '../ecosystems/catalogue/package-catalogue.ts';
import type { PackageCatalogues } from '../runners/package-catalogues.ts';
import type { Ecosystem } from '../spec/image-spec.ts';
import type { Database } from '../store/database.ts';
import { countRequestedNames, type RequestedNames } from '../store/requested-names.ts';
import { findPullSecret } from '../store/secrets/pull-secrets.ts';
import type { Actor } from './actor.ts';
import { mustBeAllowed } from './rights.ts';
import { type ApiEnv, serveEndpoint } from './serve-endpoint.ts';
import { mustBeUsable } from './settings-rights.ts';

export interface PackageRoutesContext {
  readonly database: Database;
  readonly catalogues: PackageCatalogues;
}

const mostNames = 20;
/** The newest ones: more than anybody looks through. */
const mostVersions = 500;

/** Answers which packages there are, to whoever may work out what a spec means. */
export function packageRoutes(app: Hono<ApiEnv>, { database, catalogues }: PackageRoutesContext): void {
  const usesOf = rememberUses(database);
  const open = async (actor: Actor, ecosystem: Ecosystem, place: api.PackagePlace) => {
    mustBeAllowed(actor, 'spec.preflight', {});
    const { base, pullSecret = null, ownerGroup = null, channel } = place;
    if (ownerGroup !== null) mustBeAllowed(actor, 'group.view', { ownerGroup });
    if (pullSecret !== null) mustBeUsable(actor, pullSecret, await findPullSecret(database, pullSecret));
    const groups = actor.isAdmin ? ('all' as const) : Object.keys(actor.groups);
    const channels = (place.channels ?? '').split(',').filter(Boolean);
    return catalogues.open({ ecosystem, base, pullSecret, ownerGroup, groups, channel, channels });
  };

  serveEndpoint(app, api.listPackageNames, async ({ actor, params: { ecosystem }, query: { written, ...place } }) => {
    const catalogue = await open(actor, ecosystem, place);
    if (!isOpen(catalogue)) return { names: [], isAll: false, isComing: catalogue === 'coming' };
    const uses = (await usesOf(actor))[ecosystem] ?? new Map();
    const { names, ...rest } = await catalogue.names(written, { most: mostNames, uses });
    return { names: [...names], ...rest };
  });

  serveEndpoint(app, api.listPackageVersions, async ({ actor, params: { ecosystem, name }, query, signal }) => {
    const catalogue = await open(actor, ecosystem, query);
    if (!isOpen(catalogue)) return { versions: [] };
    return { versions: (await catalogue.versions(name, signal)).slice(0, mostVersions) };
  });
}

function isOpen(catalogue: Awaited<ReturnType<PackageCatalogues['open']>>): catalogue is PackageCatalogue {
  return typeof catalogue !== 'string';
}

const usesMaxAgeMs = 5 * 60_000;
const mostViewers = 200;

/** Counted once in a while for all who see the same images: at every key it would be too much. */
function rememberUses(database: Database): (actor: Actor) => Promise<RequestedNames> {
  const remembered = new Map<string, { readonly atMs: number; readonly uses: Promise<RequestedNames> }>();
  return ({ isAdmin, groups }) => {
    const viewer = isAdmin ? ('all' as const) : { groups: Object.keys(groups).sort() };
    const key = JSON.stringify(viewer);
    const known = remembered.get(key);
    if (known !== undefined && Date.now() - known.atMs < usesMaxAgeMs) return known.uses;
    const uses = countRequestedNames(database, viewer);
    uses.catch(() => remembered.delete(key));
    remembered.delete(key);
    remembered.set(key, { atMs: Date.now(), uses });
    for (const old of [...remembered.keys()].slice(0, -mostViewers)) remembered.delete(old);
    return uses;
  };
}
