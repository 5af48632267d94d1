import { OrdoError } from '../errors.ts';

/** The element at an index that is known to exist. Errors: INTERNAL if it does not. */
export function at<T>(values: { readonly length: number; readonly [index: number]: T }, index: number): T {
  const value = values[index];
  if (value === undefined) throw new OrdoError('INTERNAL', `no element ${index} among ${values.length}`);
  return value;
}
