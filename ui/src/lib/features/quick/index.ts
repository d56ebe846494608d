export { default as QuickSheet } from './QuickSheet.svelte';
