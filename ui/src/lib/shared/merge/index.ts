export { default as MergeSheet } from './MergeSheet.svelte';
