export { default as HandOverManySheet } from './HandOverManySheet.svelte';
export { default as HandOverSheet } from './HandOverSheet.svelte';
export { default as MoveClientsSheet } from './MoveClientsSheet.svelte';
export { default as OrderList } from './OrderList.svelte';
export { default as Plan } from './Plan.svelte';
export { default as RehearsalView } from './RehearsalView.svelte';
export { default as SentBack } from './SentBack.svelte';
export { confirmItem, giveOrder, ordersQuery, outboxQuery, rehearsalQuery, retryItem, withdrawItem } from './queries';
export { sayGiven, undo } from './take-back';
export {
	orderDetails,
	orderIcons,
	orderWords,
	reasons,
	reasonWords,
	stateLooks,
	stateWords,
	type Reason
} from './words';
export { delayOptions } from './delay';
