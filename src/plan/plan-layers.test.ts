import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildLockedConda, buildLockedDeb, buildLockedWheel } from '../../test/makers.ts';
import type { LockedPackage } from '../lock/lock.ts';
import { installOrder } from './install-order.ts';
import { hardMaxLayers, type LayerPlan, planLayers } from './plan-layers.ts';

const wheels = (count: number) =>
  Array.from({ length: count }, (_, i) => buildLockedWheel({ name: `p${i}`, sizeBytes: 1000 + ((i * 7919) % 977) }));
const namesOf = (plans: readonly LayerPlan[]) =>
  plans.map((plan) => (plan.kind !== 'removals' ? plan.packages.map((each) => each.name) : ['removals']));

describe('planLayers', () => {
  it('gives each package its own layer while the budget lasts', () => {
    const plans = planLayers({ packages: wheels(40), removals: [], baseLayers: 10 });
    expect(plans).toHaveLength(40);
  });

  it('puts removals below all packages', () => {
    const plans = planLayers({ packages: wheels(1), removals: ['/b', '/a'], baseLayers: 1 });
    expect(plans[0]).toEqual({ kind: 'removals', paths: ['/a', '/b'] });
    expect(plans).toHaveLength(2);
  });

  it('installs in one layer below all others', () => {
    const debs = [buildLockedDeb({ name: 'jq' }), buildLockedDeb({ name: 'git' })];
    const plans = planLayers({ packages: [...debs, ...wheels(2)], removals: ['/a'], baseLayers: 1 });
    expect(plans.map(({ kind }) => kind)).toEqual(['install', 'removals', 'packages', 'packages']);
    expect(namesOf(plans)[0]).toEqual(['jq', 'git']);
  });

  it('puts what is from conda below what is from pip, also where both have one name', () => {
    const conda = [buildLockedConda({ name: 'numpy', requiredBy: ['scipy'] }), buildLockedConda({ name: 'scipy' })];
    const pip = [buildLockedWheel({ name: 'numpy' }), buildLockedWheel({ name: 'zipp', requiredBy: ['numpy'] })];
    const plans = planLayers({ packages: [...pip, ...conda], removals: [], baseLayers: 1 });
    expect(plans.flatMap((plan) => (plan.kind === 'packages' ? plan.packages : []))).toEqual([
      ...conda,
      pip[1],
      pip[0],
    ]);
    const many = Array.from({ length: 150 }, (_, i) => buildLockedConda({ name: `c${i}` }));
    for (const baseLayers of [5, 90, 97, 99, 116]) {
      const crowded = planLayers({ packages: [...wheels(30), ...many], removals: [], baseLayers });
      const order = crowded.flatMap((plan) =>
        plan.kind === 'packages' ? plan.packages.map((each) => each.ecosystem) : [],
      );
      expect(order).toHaveLength(180);
      expect(order).toEqual([...order].sort());
      expect(crowded.length + baseLayers).toBeLessThanOrEqual(Math.max(98, baseLayers + 2));
      expect(
        crowded.every(
          (plan) => plan.kind === 'packages' && new Set(plan.packages.map((each) => each.ecosystem)).size === 1,
        ),
      ).toBe(true);
    }
    expect(() => planLayers({ packages: [...wheels(30), ...many], removals: [], baseLayers: 117 })).toThrow('has 117');
  });

  it('plans nothing for nothing', () => {
    expect(planLayers({ packages: [], removals: [], baseLayers: 119 })).toEqual([]);
  });

  it('keeps big packages alone and groups the small ones when there are too many', () => {
    const big = buildLockedWheel({ name: 'torch', sizeBytes: 900e6 });
    const plans = planLayers({ packages: [...wheels(300), big], removals: [], baseLayers: 20 });
    expect(plans.length).toBeLessThanOrEqual(80);
    expect(namesOf(plans)).toContainEqual(['torch']);
    expect(namesOf(plans).flat().sort()).toEqual([...wheels(300), big].map((each) => each.name).sort());
  });

  it('disturbs at most two groups when one package is added', () => {
    const before = namesOf(planLayers({ packages: wheels(300), removals: [], baseLayers: 5 })).map(String);
    const more = [...wheels(300), buildLockedWheel({ name: 'added', sizeBytes: 10 })];
    const after = namesOf(planLayers({ packages: more, removals: [], baseLayers: 5 })).map(String);
    expect(after.filter((layer) => !before.includes(layer)).length).toBeLessThanOrEqual(2);
  });

  it('refuses a base with no room, saying so', () => {
    expect(() => planLayers({ packages: wheels(1), removals: [], baseLayers: 120 })).toThrow('has 120 layers');
  });

  it('depends on nothing but the set of packages, and never exceeds the limit', () => {
    const sets = fc.tuple(fc.integer({ min: 1, max: 250 }), fc.integer({ min: 0, max: 118 }), fc.boolean());
    fc.assert(
      fc.property(sets, ([count, baseLayers, removes]) => {
        const removals = removes ? ['/x'] : [];
        const plans = planLayers({ packages: wheels(count), removals, baseLayers });
        expect(namesOf(planLayers({ packages: wheels(count).reverse(), removals, baseLayers }))).toEqual(
          namesOf(plans),
        );
        expect(plans.length + baseLayers).toBeLessThanOrEqual(hardMaxLayers);
      }),
      { numRuns: 60 },
    );
  });
});

describe('installOrder', () => {
  const order = (...edges: [string, string[]][]) =>
    installOrder(edges.map(([name, requiredBy]): LockedPackage => buildLockedWheel({ name, requiredBy }))).map(
      (p) => p.name,
    );

  it('puts a package after all it depends on', () => {
    expect(order(['app', []], ['lib', ['app']], ['core', ['lib', 'app']])).toEqual(['core', 'lib', 'app']);
  });

  it('orders what is independent by name, descending', () => {
    expect(order(['a', []], ['c', []], ['b', []])).toEqual(['c', 'b', 'a']);
  });

  it('ends on a dependency cycle', () => {
    expect(order(['a', ['b']], ['b', ['a']], ['c', ['a']])).toEqual(['c', 'b', 'a']);
  });

  it('ignores parents that the base has', () => {
    expect(order(['lib', ['installed-in-base']])).toEqual(['lib']);
  });
});
