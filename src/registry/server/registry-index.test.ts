import { createMemoryRegistryIndex } from './memory-registry-index.ts';
import { describeRegistryIndex } from './registry-index.contract.ts';

describeRegistryIndex('memory', async (options) => createMemoryRegistryIndex(options));
