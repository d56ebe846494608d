/** What one can do with an open interaction. */
export type Act = 'done' | 'move' | 'call' | 'hand-over' | 'cancel';
