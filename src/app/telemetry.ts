import type { Telemetry } from '../ports/telemetry.ts';

const nothing = () => {};
const noSpan = { headers: () => ({}), end: nothing };

/** Telemetry for work that nobody watches. */
export const silent: Telemetry = { count: nothing, observe: nothing, set: nothing, span: () => noSpan };
