import type { DecisionRule } from '../domain/types.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Router } from './router.ts';
import type { ModelShape } from './state.ts';

/** What all stages of a pipeline share. */
export interface StageContext {
  router: Router;
  model: ModelShape;
  rule: DecisionRule;
  /** Images older than this expire; absent: never. */
  maxAgeMs?: number;
  /** Most orders that an image which begins now may be read in; 0: as many as the plan has. Absent: always so. */
  ceiling?: () => number;
  telemetry: Telemetry;
  /** Milliseconds since 1970. */
  now: () => number;
}
