export { default as EffectLines } from './EffectLines.svelte';
export { default as MoveClientsDialog } from './MoveClientsDialog.svelte';
export { giveOrder, ordersQuery, rehearsalQuery, takeBack } from './queries';
export { reasons } from './words';
