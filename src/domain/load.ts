import type { DecisionRule } from './types.ts';

/** How many orders are read under load: all that the plan allows up to a lag of `from` records, `floor` from a lag of `to`. */
export interface OrdersByLoad {
  /** At least 1. */
  floor: number;
  from: number;
  /** More than `from`. */
  to: number;
}

/** How much lower than where a ceiling fell the lag must be before it rises again. */
const HYSTERESIS = 2;

/**
 * The most orders that an image may be read in, as the lag comes and goes. In between the two lags the ceiling falls by
 * the ratio of the lag, so that each doubling costs as many orders. It falls at once; it rises only once half the load
 * is gone that would allow the higher one, so that it does not swing with every record.
 */
export class OrderCeiling {
  readonly #most: number;
  readonly #load: OrdersByLoad;
  #current: number;

  /** `most`: the plan's number of orders. */
  constructor(most: number, load: OrdersByLoad) {
    this.#most = most;
    this.#load = load;
    this.#current = most;
  }

  get current(): number {
    return this.#current;
  }

  /** Takes a new measurement of the lag, in records. */
  observe(lag: number): void {
    const [fallen, risen] = [this.#at(lag), this.#at(HYSTERESIS * lag)];
    if (fallen < this.#current) this.#current = fallen;
    else if (risen > this.#current) this.#current = risen;
  }

  #at(lag: number): number {
    const { floor, from, to } = this.#load;
    const lowest = Math.min(floor, this.#most);
    if (lag <= from) return this.#most;
    if (lag >= to) return lowest;
    const fall = Math.log(lag / Math.max(1, from)) / Math.log(to / Math.max(1, from));
    return Math.max(lowest, Math.round(this.#most - fall * (this.#most - lowest)));
  }
}

/** Most orders at the full prefix that a rule's plan reads. */
export function ordersOfPlan({ plan }: DecisionRule): number {
  return plan.kind === 'fixed' ? plan.orders : plan.maxOrders;
}

/** The rule with a plan that reads at most `orders` orders at the full prefix; 0 leaves it as it is. */
export function withCeiling(rule: DecisionRule, orders: number): DecisionRule {
  if (orders === 0 || orders >= ordersOfPlan(rule)) return rule;
  const { plan } = rule;
  return { ...rule, plan: plan.kind === 'fixed' ? { ...plan, orders } : { ...plan, maxOrders: orders } };
}
