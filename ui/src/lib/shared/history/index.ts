// What a record went through.
export { default as HistorySheet } from './HistorySheet.svelte';
