export { default as ReceiptsView } from './ReceiptsView.svelte';
