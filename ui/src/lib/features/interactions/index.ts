export { default as InteractionsView } from './InteractionsView.svelte';
