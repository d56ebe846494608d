// What a record went through.
export { default as Change } from './Change.svelte';
export { historyQuery as changesQuery } from './queries';
export { default as HistorySheet } from './HistorySheet.svelte';
