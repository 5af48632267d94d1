export { uniform as seeded } from '../../src/domain/random.ts';
