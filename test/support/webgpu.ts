import { existsSync } from 'node:fs';
import { describeWith } from './describe-with.ts';

/** Where Chromium of Debian, and of others, has its software adapter for Vulkan. */
const SOFTWARE_ADAPTERS = [
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
];

class NoAdapter extends Error {}

/** Tests that compute on WebGPU: on the adapter that VK_DRIVER_FILES names, else on Chromium's software adapter. */
export function describeWithWebGpu(name: string, tests: () => void): void {
  describeWith(name, {
    what: 'an adapter for WebGPU',
    open: async () => useAdapter(),
    close: async () => undefined,
    isMissing: (error) => error instanceof NoAdapter,
    requiredBy: 'REQUIRE_WEBGPU',
    tests,
  });
}

function useAdapter(): void {
  if (process.env['VK_DRIVER_FILES']) return;
  const found = SOFTWARE_ADAPTERS.find((path) => existsSync(path));
  if (!found) throw new NoAdapter('no adapter for WebGPU: VK_DRIVER_FILES names none, and Chromium is not installed');
  process.env['VK_DRIVER_FILES'] = found;
}
