// The only folder that knows how the host is reached.
import type { Shown } from './bindings';

export * from './bindings';
export { CommandFailed } from './call';
export { listenToChanges } from './events';
export { openOutside } from './outside';

/** Field keys and their values. */
export type Fields = Record<string, Shown>;
