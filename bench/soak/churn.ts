import { type PipelineSpec, STAGES } from '../../src/app/spec.ts';
import { uniform } from '../../src/domain/random.ts';
import { type Member, startMember } from '../processes/process.ts';

/** Processes at most beside those that stay. */
const MOST = 3;

/** Processes of a pipeline that come and go by a seed. */
export class Churn {
  readonly counts = { added: 0, stopped: 0, killed: 0 };
  readonly #spec: PipelineSpec;
  readonly #random: () => number;
  readonly #members: Member[] = [];

  constructor(spec: PipelineSpec, seed: number) {
    this.#spec = spec;
    this.#random = uniform(seed);
  }

  /** Adds, stops or kills a process; gives in words what was done. */
  async next(): Promise<string> {
    const choices = this.#members.length === 0 ? ['add'] : ['add', 'stop', 'kill'];
    const choice = this.#pick(this.#members.length === MOST ? ['stop', 'kill'] : choices);
    if (choice === 'add') return this.#add();
    const member = this.#pick(this.#members);
    this.#members.splice(this.#members.indexOf(member), 1);
    await (choice === 'stop' ? member.stop() : member.kill());
    this.counts[choice === 'stop' ? 'stopped' : 'killed'] += 1;
    return `${choice} ${member.stages.join()}`;
  }

  async end(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.kill()));
  }

  async #add(): Promise<string> {
    const stage = this.#pick(STAGES);
    this.#members.push(await startMember(this.#spec, [stage]));
    this.counts.added += 1;
    return `add ${stage}`;
  }

  #pick<T>(choices: readonly T[]): T {
    const chosen = choices[Math.floor(this.#random() * choices.length)];
    if (chosen === undefined) throw new Error('there is nothing to choose from');
    return chosen;
  }
}
